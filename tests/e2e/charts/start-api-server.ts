import { join } from "node:path";
import type { KubernetesClient } from "../../../kubernetes/client.ts";
import { connectSandbox } from "../../../sandbox/cluster/settle.ts";
import { type Crd, crdFolder, PROJECT, readCrds } from "../../../sandbox/crds.ts";
import { SANDBOX_TOOLS } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../../../sandbox/sandbox-cluster.ts";
import type { Line, Rendered } from "../../integration/charts/helm-template.ts";
import { eventually } from "../../support/eventually.ts";
import { requireTools, skip } from "../../support/skip.ts";

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
  const client = await connectSandbox(kubeconfig);
  await establish(client, await readCrds(folder));
  const send = (object: Rendered, dryRun: boolean) =>
    client.apply(object, { dryRun, fieldManager: "charts" }).then(
      () => "",
      ({ message }: Error) => `${object.kind} ${object.metadata.name}: ${message}`,
    );
  return {
    refusal: (object) => send(object, true),
    create: (object) => send(object, false),
    allowed: async (user, verbs) => {
      const reviews = verbs.map(async (verb) => {
        const resourceAttributes = { group: "infrastructure.cluster.x-k8s.io", resource: "nutanixclusters", verb };
        const { code, text } = await client.request({
          method: "POST",
          path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
          body: {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SubjectAccessReview",
            spec: { user, resourceAttributes: { ...resourceAttributes, namespace: "kcm-system" } },
          },
        });
        if (code >= 300) throw new Error(`the SubjectAccessReview failed: ${text}`);
        return JSON.parse(text).status.allowed === true ? [verb] : [];
      });
      return (await Promise.all(reviews)).flat();
    },
    stop: () => deleteSandbox(directory),
  };
}

/** Applies definitions, and returns when each is served. */
export async function establish(client: KubernetesClient, crds: readonly Crd[]): Promise<void> {
  await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kcm-system" } });
  for (const crd of crds) await client.apply(crd);
  for (const { metadata, spec } of crds) {
    const version = spec.versions.find(({ served }) => served)?.name;
    const path = `/apis/${spec.group}/${version}/${spec.names.plural}?limit=1`;
    await eventually(`${metadata.name} is served`, async () => (await client.get(path)) !== undefined);
  }
}
