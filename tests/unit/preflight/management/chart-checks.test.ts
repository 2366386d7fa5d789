import type { SettingsInput } from "../check-context.ts";
import { describeCheck, kcm, live } from "./management-scenario.ts";

const chart = (address: string) => (settings: SettingsInput) => {
  settings["management"].kcm.chart = address;
};

describeCheck("kcm-chart-exists", {
  "passes on a folder with a chart": [
    { stack: chart("charts/nutanix-capx") },
    ": pass: the folder charts/nutanix-capx has a chart",
  ],
  "fails on a folder without a chart": [
    { stack: chart("charts/nothing") },
    ": fail: the folder charts/nothing has no Chart.yaml; correct management.kcm.chart",
  ],
  "does not run where kcm is adopted": [
    {
      stack: (settings) => {
        settings["management"].adopt = true;
      },
    },
  ],
});

const repository = (more: Record<string, unknown>) =>
  live("source.toolkit.fluxcd.io/v1 HelmRepository kcm-system/nutanix-charts", more);
const installed = (settings: SettingsInput) => {
  settings["capx"] = { managedExternally: true };
};

describeCheck("cluster-charts-exist", {
  "passes where this up installs them": [
    { kinds: ["v1 Secret"] },
    ": pass: this up installs the charts in the management cluster",
  ],
  "fails where another stack should have installed them": [
    { objects: kcm(), stack: installed },
    ": fail: HelmRepository kcm-system/nutanix-charts does not exist; restore it with the stack that installed the provider, or set capx.managedExternally: false",
  ],
  "passes where the repository is ready": [
    { objects: [repository({ status: { conditions: [{ type: "Ready", status: "True" }] } })] },
    ": pass: HelmRepository nutanix-charts is ready",
  ],
  "passes on an OCI repository": [
    { objects: [repository({ spec: { type: "oci", url: "oci://registry.example.com/charts" } })] },
    ": pass: HelmRepository nutanix-charts is oci://registry.example.com/charts, where Flux looks up each chart",
  ],
  "fails where the repository is not ready": [
    {
      objects: [
        repository({ status: { conditions: [{ type: "Ready", status: "False", message: "connection refused" }] } }),
        live("apps/v1 Deployment kcm-system/nutanix-charts", { status: { availableReplicas: 0 } }),
      ],
    },
    ": fail: HelmRepository nutanix-charts is not ready (connection refused), with 0 available pods; check its server: kubectl -n kcm-system describe deployment nutanix-charts",
  ],
});

describeCheck("capx-is-installed-once", {
  "passes on another chart for CAPX": [
    {
      stack: (settings) => {
        settings["capx"] = { chart: "oci://registry.example.com/capx" };
      },
    },
    ": pass: no CAPX outside kcm-system; oci://registry.example.com/capx installs it",
  ],
});

describeCheck("cluster-charts-exist", {
  "is inconclusive on the latest version of another chart for CAPX": [
    {
      stack: (settings) => {
        settings["capx"] = { chart: "oci://registry.example.com/capx" };
      },
    },
    ": inconclusive: the latest version of oci://registry.example.com/capx is not resolved; run helm show chart oci://registry.example.com/capx",
  ],
  "fails on a folder without a chart": [
    {
      stack: (settings) => {
        settings["capx"] = { chart: "./charts/nothing" };
      },
    },
    ": fail: the folder ./charts/nothing has no Chart.yaml; correct capx.chart",
  ],
  "fails on a registry that does not answer": [
    {
      stack: (settings) => {
        settings["capx"] = { chartRepository: "oci://127.0.0.1:9/nutanix" };
      },
    },
    ": fail: the connection to 127.0.0.1:9 is refused (ECONNREFUSED); start the server, correct address and port, or open the firewall, VPN or proxy; or set another chart source",
  ],
});

const GOING = "2026-11-24T10:00:00Z";

describeCheck("namespace-exists", {
  "passes where it exists": [{ objects: [live("v1 Namespace kcm-system")] }, ": pass: the namespace kcm-system exists"],
  "fails on one that is terminating": [
    { objects: [live("v1 Namespace kcm-system", { metadata: { name: "kcm-system", deletionTimestamp: GOING } })] },
    ": fail: the namespace kcm-system is terminating since 2026-11-24T10:00:00Z; wait until it is deleted; what blocks it: kubectl get namespace kcm-system -o jsonpath='{.status.conditions}'",
  ],
});
