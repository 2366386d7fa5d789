// A program of somebody else's: registers the resources of resources.json, with none of this project's components.
import { readFileSync } from "node:fs";
import k8s from "@pulumi/kubernetes";

const nowhere = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "nowhere",
  clusters: [{ name: "nowhere", cluster: { server: "https://127.0.0.1:1" } }],
  contexts: [{ name: "nowhere", context: { cluster: "nowhere", user: "nowhere" } }],
  users: [{ name: "nowhere", user: {} }],
};

export default async function program() {
  const provider = new k8s.Provider("nowhere", { kubeconfig: JSON.stringify(nowhere), clusterIdentifier: "nowhere" });
  let outputs: Record<string, any> = {};
  for (const { type, name, props, protect = true } of JSON.parse(readFileSync("resources.json", "utf8"))) {
    const opts = { provider, protect };
    if (type === "pulumi:pulumi:Stack") outputs = props;
    else if (type.endsWith(":Release")) new k8s.helm.v3.Release(name, props, opts);
    else if (type.endsWith(":ConfigMap")) new k8s.core.v1.ConfigMap(name, props, opts);
    else if (type.endsWith(":Secret")) new k8s.core.v1.Secret(name, props, opts);
    else new k8s.apiextensions.CustomResource(name, props, opts);
  }
  return outputs;
}
