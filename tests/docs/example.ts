import { readFileSync } from "node:fs";
import pulumi from "@pulumi/pulumi";
import {
  Capx,
  Kcm,
  Management,
  ManagementConnection,
  NutanixCredential,
  NutanixK0sCluster,
} from "../../components/index.ts";

const login = { username: "svc-capx@example.com", password: new pulumi.Config().requireSecret("password") };
const prismCentral = { address: "prism-central.example.com" };
const kubeconfig = readFileSync("management.kubeconfig", "utf8");
const management = new ManagementConnection({ kubeconfig, context: undefined });
const provider = management.provider();

const kcm = new Kcm("kcm", {}, { provider });
const nutanix = new Capx("nutanix", { prismCentral, ...login }, { provider, dependsOn: kcm });
const templates = new Management("management", { management }, { provider, dependsOn: nutanix });
const credential = new NutanixCredential(
  "demo-credential",
  { cluster: "demo", ...login, management },
  { provider, dependsOn: templates },
);
const demo = new NutanixK0sCluster(
  "demo",
  {
    spec: {
      mode: "hcp",
      nutanix: { controlPlaneEndpoint: { host: "10.1.1.200" } },
      machineDefaults: {
        image: { type: "name", name: "ubuntu-22.04-k0s" },
        cluster: { type: "name", name: "PE-Cluster-01" },
        subnets: [{ type: "name", name: "VM-Network" }],
      },
    },
    prismCentral,
    credential,
    templates,
    management,
  },
  { provider },
);
export const endpoint = demo.endpoint;
export const demoKubeconfig = demo.kubeconfig;
