import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "../../sandbox/cluster/api-health.ts";
import { type Crd, crdFolder, PROJECT, readCrds } from "../../sandbox/crds.ts";
import { SANDBOX_TOOLS } from "../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../../sandbox/sandbox-cluster.ts";
import { requireTools, skip } from "../support/skip.ts";
import type { Line, Rendered } from "./helm-template.ts";

const KCM: Record<Line, string> = { "1.2": "1.2.0", "1.11": "1.11.4" };

/** An API server with the released CRDs of a line. */
export interface ApiServer {
  /** What the API server says against an object, sent as a strict dry run of a server-side apply; empty: accepted. */
  refusal(object: Rendered): Promise<string>;
  /** The same, and the object stays. */
  create(object: Rendered): Promise<string>;
  /** The verbs of these that a user has on Nutanix clusters, by what the server's own authorizer says. */
  allowed(user: string, verbs: readonly string[]): Promise<string[]>;
  stop(): Promise<void>;
}

/** Starts it; skips where tools or CRDs are missing. */
export async function startApiServer(context: Mocha.Context, line: Line): Promise<ApiServer> {
  const folder = crdFolder(KCM[line]) ?? skip(context, `no released CRDs of kcm ${line}`);
  const tools = await requireTools(context, SANDBOX_TOOLS);
  const name = `charts-${line.replace(".", "-")}-${process.pid}`;
  const directory = join(PROJECT, ".local/sandbox", name);
  const { kubeconfig } = await createSandbox({ name, directory, tools, kcmVersion: KCM[line], controllers: false });
  const api = new Api(kubeconfig);
  const crds = await readCrds(folder);
  await establish(api, crds);
  const pathOf = pathsOf(crds);
  const send = async (object: Rendered, query: string) => {
    const path = pathOf(object);
    if (!path) return `no CRD for ${object.apiVersion} ${object.kind}`;
    const answer = await api.call(
      "PATCH",
      `${path}?fieldManager=charts&force=true&fieldValidation=Strict${query}`,
      object,
    );
    return answer.status < 300 ? "" : `${object.kind} ${object.metadata.name}: ${JSON.parse(answer.body).message}`;
  };
  return {
    refusal: (object) => send(object, "&dryRun=All"),
    create: (object) => send(object, ""),
    allowed: async (user, verbs) => {
      const asked = verbs.map(async (verb) => {
        const resourceAttributes = { group: "infrastructure.cluster.x-k8s.io", resource: "nutanixclusters", verb };
        const answer = await api.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SubjectAccessReview",
          spec: { user, resourceAttributes: { ...resourceAttributes, namespace: "kcm-system" } },
        });
        if (answer.status >= 300) throw new Error(`a SubjectAccessReview was refused: ${answer.body}`);
        return JSON.parse(answer.body).status.allowed === true ? [verb] : [];
      });
      return (await Promise.all(asked)).flat();
    },
    stop: async () => {
      api.close();
      await deleteSandbox(directory);
    },
  };
}

async function establish(api: Api, crds: readonly Crd[]): Promise<void> {
  await api.apply("/api/v1/namespaces/kcm-system", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "kcm-system" },
  });
  for (const crd of crds)
    await api.apply(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`, crd);
  for (const { spec } of crds) {
    const version = spec.versions.find(({ served }) => served)?.name;
    const path = `/apis/${spec.group}/${version}/${spec.names.plural}?limit=1`;
    for (let tries = 0; (await api.call("GET", path)).status !== 200; tries++) {
      if (tries > 300) throw new Error(`${spec.names.plural}.${spec.group} is not served after 30 s`);
      await sleep(100);
    }
  }
}

const BUILT_IN: Record<string, [path: string, namespaced: boolean]> = {
  "v1 ConfigMap": ["/api/v1", true],
  "v1 Service": ["/api/v1", true],
  "apps/v1 Deployment": ["/apis/apps/v1", true],
  "networking.k8s.io/v1 NetworkPolicy": ["/apis/networking.k8s.io/v1", true],
  "rbac.authorization.k8s.io/v1 ClusterRole": ["/apis/rbac.authorization.k8s.io/v1", false],
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": ["/apis/rbac.authorization.k8s.io/v1", false],
};

function pathsOf(crds: readonly Crd[]): (object: Rendered) => string | undefined {
  return ({ apiVersion, kind, metadata }) => {
    const builtIn = BUILT_IN[`${apiVersion} ${kind}`];
    const plural = kind === "NetworkPolicy" ? "networkpolicies" : `${kind.toLowerCase()}s`;
    const crd = crds.find(({ spec }) => apiVersion.startsWith(`${spec.group}/`) && spec.names.kind === kind);
    const root = builtIn?.[0] ?? (crd && `/apis/${apiVersion}`);
    if (!root) return undefined;
    const namespaced = builtIn?.[1] ?? crd?.spec.scope === "Namespaced";
    const where = namespaced ? `/namespaces/${metadata.namespace}` : "";
    return `${root}${where}/${crd?.spec.names.plural ?? plural}/${metadata.name}`;
  };
}
