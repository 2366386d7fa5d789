import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { ManagementConnection, NutanixK0sCluster, NutanixPlatform } from "k0rdent-nutanix";

const config = new pulumi.Config();
const named = (key: string) => ({ type: "name", name: config.require(key) }) as const;

// The management cluster: kcm, Cluster API and the provider for Nutanix, installed where they are missing.
const connection = new ManagementConnection({ kubeconfig: readFileSync(config.require("kubeconfig"), "utf8") });
const provider = connection.provider("management-cluster", { upsertExistingObjects: true });
const platform = new NutanixPlatform(
  "platform",
  {
    connection,
    prismCentral: { address: config.require("prismCentral") },
    login: { username: config.require("username"), password: config.requireSecret("password") },
  },
  { provider },
);

// A cluster with a hosted control plane. More clusters: one more of these for each.
const cluster = new NutanixK0sCluster(
  "demo",
  {
    platform,
    spec: {
      mode: "hcp",
      nutanix: { controlPlaneEndpoint: { host: config.require("endpoint") } },
      machineDefaults: { image: named("image"), cluster: named("prismElement"), subnets: [named("subnet")] },
      workersNumber: 2,
    },
  },
  { provider },
);

export const endpoint = cluster.endpoint;
export const kubeconfig = cluster.kubeconfig;
