// Programs of other people: each registers the objects of resources.json in another way that Pulumi has for them.
import { readFileSync } from "node:fs";
import k8s from "@pulumi/kubernetes";
import pulumi from "@pulumi/pulumi";
import type { PackResource } from "./pack-fixture.ts";

/** A class in the shape that crd2pulumi writes: a resource of a type of its own, and no CustomResource of the SDK. */
class ClusterDeployment extends pulumi.CustomResource {
  static __pulumiType = "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterDeployment";

  constructor(name: string, args: object, opts: pulumi.CustomResourceOptions) {
    const inputs = {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "ClusterDeployment",
      ...args,
      status: undefined,
    };
    super(ClusterDeployment.__pulumiType, name, inputs, pulumi.mergeOptions({ version: "4.32.0" }, opts));
  }
}

type Way = (
  yaml: string,
  opts: pulumi.ComponentResourceOptions & pulumi.CustomResourceOptions,
  objects: PackResource[],
) => unknown;

const WAYS: Record<string, Way> = {
  "yaml.v2.ConfigGroup": (yaml, opts) => new k8s.yaml.v2.ConfigGroup("group", { yaml }, opts),
  "yaml.ConfigGroup": (yaml, opts) => new k8s.yaml.ConfigGroup("group", { yaml }, opts),
  "yaml.ConfigFile": (_, opts) => new k8s.yaml.ConfigFile("group", { file: "objects.yaml" }, opts),
  "a typed class": (_, opts, [object]) => new ClusterDeployment("typed", object?.props ?? {}, opts),
};

export default async function program(): Promise<void> {
  const { kubeconfig, way } = new pulumi.Config().requireObject<{ kubeconfig: string; way: string }>("program");
  const provider = new k8s.Provider("there", { kubeconfig, clusterIdentifier: "there" });
  const objects = JSON.parse(readFileSync("resources.json", "utf8"));
  WAYS[way]?.(readFileSync("objects.yaml", "utf8"), { provider, protect: true }, objects);
}
