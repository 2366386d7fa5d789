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
const provider = new k8s.Provider("nowhere", { kubeconfig: JSON.stringify(nowhere), clusterIdentifier: "nowhere" });
for (const { type, name, props } of JSON.parse(readFileSync("resources.json", "utf8"))) {
  const opts = { provider, protect: true };
  if (type.endsWith(":Release")) new k8s.helm.v3.Release(name, props, opts);
  else if (type.endsWith(":ConfigMap")) new k8s.core.v1.ConfigMap(name, props, opts);
  else new k8s.apiextensions.CustomResource(name, props, opts);
}
