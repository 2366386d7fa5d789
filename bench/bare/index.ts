/** Registers recorded resources and does nothing else: no component's work, no schema, no rule. */
import { readFileSync } from "node:fs";
import k8s from "@pulumi/kubernetes";
import pulumi from "@pulumi/pulumi";
import random from "@pulumi/random";
import type { RecordedResource } from "../record.ts";

interface Recording {
  readonly kubeconfig: string;
  readonly clusterIdentifier: string;
  readonly resources: RecordedResource[];
}

class Bare extends pulumi.CustomResource {}

export default async function program(): Promise<void> {
  const file = process.env["BENCH_RECORDING"];
  if (file === undefined) throw new pulumi.RunError("BENCH_RECORDING: is missing; run npm run bench, which sets it");
  const { kubeconfig, clusterIdentifier, resources } = JSON.parse(readFileSync(file, "utf8")) as Recording;
  const provider = new k8s.Provider("management-cluster", {
    kubeconfig: pulumi.secret(kubeconfig),
    clusterIdentifier,
    kubeClientSettings: { qps: 200, burst: 400 },
    upsertExistingObjects: true,
    enableSecretMutable: true,
    enableConfigMapMutable: true,
  });
  for (const { type, name, inputs } of resources) {
    if (type.startsWith("k0rdent-nutanix:")) new pulumi.ComponentResource(type, name, {}, { provider });
    else if (type.startsWith("kubernetes:")) new Bare(type, name, inputs, { provider, version: k8sVersion });
    else if (type.startsWith("random:")) new random.RandomPassword(name, { length: 64, special: false });
  }
}

const k8sVersion = "4.32.0";
