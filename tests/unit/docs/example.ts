import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { ManagementConnection, NutanixK0sCluster, NutanixPlatform } from "../../../components/index.ts";

const connection = new ManagementConnection({ kubeconfig: readFileSync("management.kubeconfig", "utf8") });
const provider = connection.provider("management-cluster", { upsertExistingObjects: true });
const login = { username: "svc-capx@example.com", password: new pulumi.Config().requireSecret("password") };
const prismCentral = { address: "prism-central.example.com" };
const platform = new NutanixPlatform("platform", { connection, prismCentral, login }, { provider });
const named = (name: string) => ({ type: "name", name }) as const;
const machineDefaults = { image: named("ubuntu-k0s"), cluster: named("PE-1"), subnets: [named("VM-Network")] };
const nutanix = { controlPlaneEndpoint: { host: "10.1.1.200" } };
const demo = new NutanixK0sCluster("demo", { platform, spec: { mode: "hcp", nutanix, machineDefaults } }, { provider });
export const { endpoint, kubeconfig } = demo;
