import type { KubernetesClient } from "../../kubernetes/client.ts";
import { isNotFound } from "../../kubernetes/errors.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { lineOf } from "../crds.ts";
import { COMPONENT_LABEL, type Informers } from "./informers.ts";
import { ownerOf } from "./metadata.ts";
import type { ManagementObject, Release } from "./simulated-kinds.ts";
import { PREFIX } from "./status-writer.ts";

export const SVELTOS = "projectsveltos";
export const REMOVED = `${PREFIX}/content-removed`;

/** Some provider charts of kcm's own Release, by line: those that a Management of this project names, and one that it does not. */
const PROVIDERS = {
  "1.2": {
    "cluster-api-provider-k0sproject-k0smotron": "1.0.6",
    "cluster-api-provider-aws": "1.0.4",
    [SVELTOS]: "0.57.2",
  },
  "1.11": {
    "cluster-api-provider-k0sproject-k0smotron": "1.0.32",
    "cluster-api-provider-aws": "1.0.25",
    [SVELTOS]: "1.12.1",
  },
} as const;
const CAPI = { "1.2": "1.0.5", "1.11": "1.1.15" } as const;

const templateName = (chart: string, version: string): string => `${chart}-${version.replaceAll(".", "-")}`;

/** The Release that kcm makes of itself, named after its version. */
export function releaseOf(version: string): Release {
  const line = lineOf(version);
  const name = templateName("kcm", version);
  return {
    apiVersion: "k0rdent.mirantis.com/v1beta1",
    kind: "Release",
    metadata: { name, labels: { [COMPONENT_LABEL]: "kcm" } },
    spec: {
      version,
      kcm: { template: name },
      ...(line === "1.11" ? { regional: { template: templateName("kcm-regional", version) } } : {}),
      capi: { template: templateName("cluster-api", CAPI[line]) },
      providers: Object.entries(PROVIDERS[line]).map(([chart, chartVersion]) => ({
        name: chart,
        template: templateName(chart, chartVersion),
      })),
    },
  };
}

/** Makes a Release of kcm and its ProviderTemplates where they are missing, as kcm does when it starts or is offered one. */
export async function ensureRelease(client: KubernetesClient, informers: Informers, version: string): Promise<void> {
  const wanted = releaseOf(version);
  const release = informers.releases.find(wanted.metadata.name);
  if (!release) {
    await create(client, wanted);
    return;
  }
  for (const name of templatesOf(wanted)) {
    if (informers.providerTemplates.find(name)) continue;
    const [, chart = name, dashed = ""] = /^(.*?)-(\d+-\d+-\d+)$/.exec(name) ?? [];
    await create(client, {
      apiVersion: wanted.apiVersion,
      kind: "ProviderTemplate",
      metadata: { name, labels: { [COMPONENT_LABEL]: "kcm" }, ownerReferences: [ownerOf(release)] },
      spec: {
        helm: {
          chartSpec: {
            chart,
            version: dashed.replaceAll("-", "."),
            interval: "10m0s",
            sourceRef: { kind: "HelmRepository", name: "kcm-templates" },
          },
        },
      },
    });
  }
  if (createsManagement(informers) && informers.managements.items.length === 0 && release.status?.ready)
    await createManagement(client, wanted);
}

export function templatesOf({ spec }: Release): string[] {
  const regional = (spec as { regional?: { template: string } } | undefined)?.regional?.template;
  const names = [
    spec?.kcm.template,
    regional,
    spec?.capi.template,
    ...(spec?.providers ?? []).map(({ template }) => template),
  ];
  return names.filter((name) => name !== undefined);
}

function createsManagement({ controller }: Informers): boolean {
  const containers = controller?.spec?.template?.spec?.containers ?? [];
  return containers.some(({ args = [] }) => args.includes("--create-management=true"));
}

async function createManagement(client: KubernetesClient, { metadata, spec }: Release): Promise<void> {
  const management: ManagementObject = {
    apiVersion: "k0rdent.mirantis.com/v1beta1",
    kind: "Management",
    metadata: { name: "kcm" },
    spec: {
      release: metadata.name,
      core: { kcm: {}, capi: {} },
      providers: (spec?.providers ?? []).map(({ name }) => ({ name })),
    },
  };
  await create(client, management);
}

/** Where another was faster, or the kind is not served yet, the next pass sees it. */
async function create(client: KubernetesClient, object: KubernetesObject): Promise<void> {
  await client.create(object).catch((error) => {
    if (!isNotFound(error)) throw error;
  });
}

/** Records on the Release that kcm's charts went with its Management: no later Management becomes ready. */
export async function markRemoved(client: KubernetesClient, informers: Informers): Promise<void> {
  for (const release of informers.releases.items)
    await client.merge(release, { metadata: { annotations: { [REMOVED]: "true" } } });
}
