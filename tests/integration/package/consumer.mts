// A program of somebody else's, with every component of the package, under Pulumi's test runtime: it prints what it registers.
import { type Output, runtime } from "@pulumi/pulumi";
import {
  Capx,
  type ClusterInput,
  Kcm,
  type KcmArgs,
  Management,
  ManagementConnection,
  NutanixCredential,
  NutanixK0sCluster,
  TrustBundle,
} from "k0rdent-nutanix";

const PEM = process.argv[2] ?? "";
const login = { username: "svc-capx@example.com", password: "not-a-secret" };
const prismCentral = { address: "prism-central.example.com" };

const spec: ClusterInput = {
  mode: "standalone",
  nutanix: {
    prismCentral: { ...prismCentral, usePerClusterCredential: true },
    controlPlaneEndpoint: { host: "10.1.1.201" },
  },
  machineDefaults: {
    image: { type: "name", name: "ubuntu-22.04-k0s" },
    cluster: { type: "name", name: "PE-Cluster-01" },
    subnets: [{ type: "name", name: "VM-Network" }],
  },
  controlPlane: { memorySize: "8Gi" },
};

// @ts-expect-error: there is no such mode, and the package's types say so.
export const wrongSpec: ClusterInput = { ...spec, mode: "hosted" };
// @ts-expect-error: a version is text.
export const wrongArgs: KcmArgs = { version: 1.2 };

function program(): Output<string> {
  const management = new ManagementConnection({ kubeconfig: "{}", context: undefined });
  const provider = management.provider();
  const kcm = new Kcm("kcm", {}, { provider });
  const nutanix = new Capx(
    "nutanix",
    { ...login, prismCentral, management, takeOwnership: true },
    { provider, dependsOn: kcm },
  );
  const templates = new Management("management", { management }, { provider, dependsOn: nutanix });
  const credential = new NutanixCredential("edge-credential", { cluster: "edge", ...login, management }, { provider });
  const trustBundle = new TrustBundle("edge-trust-bundle", { cluster: "edge", pem: PEM }, { provider });
  const edge = new NutanixK0sCluster(
    "edge",
    { spec, prismCentral, credential, trustBundle, templates, management },
    { provider },
  );
  return edge.endpoint;
}

async function main(): Promise<void> {
  const registered: string[] = [];
  const charts: Record<string, unknown> = {};
  await runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push(`${type} ${name}`);
        if (name === "nutanix") charts["folder"] = inputs.chart;
        if (name === "nutanix-charts") charts["packed"] = Object.keys(inputs.binaryData).sort();
        return { id: name, state: inputs };
      },
      call: ({ inputs }) => inputs,
    },
    "other",
    "dev",
    true,
  );
  const endpoint = program();
  await runtime.disconnect();
  endpoint.apply((value) => console.log(JSON.stringify({ endpoint: value, charts, registered: registered.sort() })));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
