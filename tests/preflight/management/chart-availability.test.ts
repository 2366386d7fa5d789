import { describeCheck, kcm, live } from "./failing-management-checks.ts";

const chart = (address: string) => (settings: Record<string, any>) => {
  settings["management"].kcm.chart = address;
};

describeCheck("kcm-chart-exists", {
  "passes on a folder that holds one": {
    stack: chart("charts/nutanix-capx"),
    says: [": pass: the folder charts/nutanix-capx holds a chart"],
  },
  "fails on a folder that holds none": {
    stack: chart("charts/nothing"),
    says: [": fail: the folder charts/nothing holds no Chart.yaml; correct management.kcm.chart"],
  },
  "asks nothing where kcm is not this stack's to install": {
    stack: (settings) => {
      settings["management"].adopt = true;
    },
    says: [],
  },
});

const repository = (more: Record<string, unknown>) =>
  live("source.toolkit.fluxcd.io/v1 HelmRepository kcm-system/nutanix-charts", more);
const installed = (settings: Record<string, any>) => {
  settings["capx"] = { managedExternally: true };
};

describeCheck("cluster-charts-exist", {
  "passes where they come with the up": {
    kinds: ["v1 Secret"],
    says: [": pass: the charts are served from inside the management cluster: that comes with this up"],
  },
  "fails where another stack should have brought them": {
    objects: kcm(),
    stack: installed,
    says: [
      ": fail: there is no HelmRepository kcm-system/nutanix-charts; bring it back with the stack that installed the provider, or set capx.managedExternally: false here",
    ],
  },
  "passes where Flux has read them": {
    objects: [repository({ status: { conditions: [{ type: "Ready", status: "True" }] } })],
    says: [": pass: HelmRepository nutanix-charts is ready"],
  },
  "passes where Flux asks a registry for each": {
    objects: [repository({ spec: { type: "oci", url: "oci://registry.example.com/charts" } })],
    says: [
      ": pass: HelmRepository nutanix-charts points to oci://registry.example.com/charts, which Flux asks for each chart",
    ],
  },
  "fails where Flux cannot read them": {
    objects: [
      repository({ status: { conditions: [{ type: "Ready", status: "False", message: "connection refused" }] } }),
      live("apps/v1 Deployment kcm-system/nutanix-charts", { status: { availableReplicas: 0 } }),
    ],
    says: [
      ": fail: HelmRepository nutanix-charts is not ready (connection refused), and 0 pods serve it; look at what serves it: kubectl -n kcm-system describe deployment nutanix-charts",
    ],
  },
});

describeCheck("capx-is-installed-once", {
  "passes on another chart for CAPX": {
    stack: (settings) => {
      settings["capx"] = { chart: "oci://registry.example.com/capx" };
    },
    says: [": pass: no CAPX outside kcm-system; it comes from oci://registry.example.com/capx"],
  },
});

describeCheck("cluster-charts-exist", {
  "does not know the newest version of another chart for CAPX": {
    stack: (settings) => {
      settings["capx"] = { chart: "oci://registry.example.com/capx" };
    },
    says: [
      ": not known: which version of oci://registry.example.com/capx is the newest is not asked; helm show chart oci://registry.example.com/capx",
    ],
  },
  "fails on a folder that holds none": {
    stack: (settings) => {
      settings["capx"] = { chart: "./charts/nothing" };
    },
    says: [": fail: the folder ./charts/nothing holds no Chart.yaml; correct capx.chart"],
  },
  "fails on a registry that does not answer, a line each chart": {
    stack: (settings) => {
      settings["capx"] = { chartRepository: "oci://127.0.0.1:9/nutanix" };
    },
    says: [1, 2, 3].map(
      () =>
        ": fail: 127.0.0.1:9 refuses the connection (ECONNREFUSED); start it, correct address and port, or open the way from this machine: VPN, firewall, proxy; or set another chart source",
    ),
  },
});

const GOING = "2026-11-24T10:00:00Z";

describeCheck("namespace-exists", {
  "passes where it is there": {
    objects: [live("v1 Namespace kcm-system")],
    says: [": pass: the namespace kcm-system is there"],
  },
  "fails on one that is being deleted": {
    objects: [live("v1 Namespace kcm-system", { metadata: { name: "kcm-system", deletionTimestamp: GOING } })],
    says: [
      `: fail: the namespace kcm-system is being deleted, since ${GOING}; wait until it is gone; what holds it: kubectl get namespace kcm-system -o jsonpath='{.status.conditions}'`,
    ],
  },
});
