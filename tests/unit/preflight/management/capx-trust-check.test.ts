import { pem } from "../../../support/stack-fixture.ts";
import type { SettingsInput } from "../check-context.ts";
import { describeCheck, live, type ManagementScenario } from "./management-scenario.ts";

const CA = '"O=Example, CN=Example Prism Central CA"';
const DEPLOYMENT = "Deployment kcm-system/capx-controller-manager";

/** CAPX as the chart of another stack configures it, with changes. */
function capx(more: { env?: object[]; volume?: object } = {}) {
  const { env = [{ name: "SSL_CERT_DIR", value: "/etc/ssl/certs:/etc/nutanix/config" }] } = more;
  const { volume = { configMap: { name: "capx-nutanix-endpoint" } } } = more;
  const volumeMounts = [{ name: "config", mountPath: "/etc/nutanix/config/" }];
  const containers = [{ name: "proxy" }, { name: "manager", env, volumeMounts }];
  return live(`apps/v1 ${DEPLOYMENT}`, {
    metadata: {
      ...{ name: "capx-controller-manager", namespace: "kcm-system" },
      labels: { "cluster.x-k8s.io/provider": "infrastructure-nutanix" },
    },
    spec: { template: { spec: { containers, volumes: [{ name: "webhook" }, { name: "config", ...volume }] } } },
  });
}
const map = (text: string) =>
  live("v1 ConfigMap kcm-system/capx-nutanix-endpoint", { data: { prismCentral: "{}", "trust-bundle.one.pem": text } });
const external: Pick<ManagementScenario, "stack" | "bundles"> = {
  stack: (settings: SettingsInput) => {
    settings["management"].adopt = true;
    settings["capx"] = { managedExternally: true };
  },
  bundles: { prismCentral: pem("authority") },
};
const missing = `: fail: ${DEPLOYMENT} does not trust ${CA}; add it to prismCentral.trustBundle of the stack that manages CAPX`;

describeCheck("capx-trusts-prism-central", {
  "does nothing where this stack configures CAPX": [{ ...external, stack: () => undefined }],
  "does nothing without certificates": [{ ...external, bundles: {} }],
  "passes where CAPX has the CA in its own list": [
    { ...external, objects: [capx(), map(`${pem("second-authority")}${pem("authority")}`)] },
    `: pass: ${DEPLOYMENT} trusts the 1 CA certificates of this stack`,
  ],
  "passes where a variable names the file": [
    {
      ...external,
      objects: [
        capx({ env: [{ name: "SSL_CERT_FILE", value: "/etc/nutanix/config/trust-bundle.one.pem" }] }),
        map(pem("authority")),
      ],
    },
    `: pass: ${DEPLOYMENT} trusts the 1 CA certificates of this stack`,
  ],
  "fails where it has another CA": [{ ...external, objects: [capx(), map(pem("second-authority"))] }, missing],
  "fails where Go does not read the folder": [
    { ...external, objects: [capx({ env: [] }), map(pem("authority"))] },
    missing,
  ],
  "fails for a chart of another project": [
    {
      ...external,
      stack: (settings) => {
        settings["capx"] = { chart: "oci://charts.example.com/capx" };
      },
      objects: [capx(), map("")],
    },
    `: fail: ${DEPLOYMENT} does not trust ${CA}; mount it in the chart of capx.chart, and set SSL_CERT_DIR to its folder`,
  ],
  "is inconclusive where the files come from elsewhere": [
    { ...external, objects: [capx({ volume: { secret: { secretName: "ca" } } })], kinds: ["v1 ConfigMap"] },
    `: inconclusive: whether ${DEPLOYMENT} trusts ${CA} is unknown: its volume config is not read`,
  ],
  "is inconclusive before CAPX is installed": [
    { ...external, kinds: ["apps/v1 Deployment"] },
    ": inconclusive: CAPX has no Deployment yet",
  ],
});
