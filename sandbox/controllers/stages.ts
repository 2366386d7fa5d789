import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { pluralOf } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";

const FOLDER = join(import.meta.dirname, "..", "stages");
const STAGES = "/apis/kwok.x-k8s.io/v1alpha1/stages";

interface Stage extends KubernetesObject {
  spec: { resourceRef: { apiGroup: string; kind: string } };
}

interface ApiGroup {
  versions: { version: string }[];
}

interface ApiResource {
  kind: string;
  /** Plural, or plural and subresource. */
  name: string;
  /** Digest of the version that objects of the kind are stored in. */
  storageVersionHash?: string;
}

/** All Stages below sandbox/stages, each in the file of its kind. */
function readStages(): Stage[] {
  return readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(FOLDER, file), "utf8")))
    .map((document) => document.toJS() as Stage);
}

/** Keeps KWOK's Stages in step with the kinds that exist: one that comes before its kind never runs. */
export class StageReconciler {
  private readonly stages = readStages();
  /** API version that each Stage was applied for; empty when it was removed. */
  private readonly applied = new Map<string, string>();
  private hasListed = false;
  private readonly client: KubernetesClient;

  constructor(client: KubernetesClient) {
    this.client = client;
  }

  /**
   * `crds`: names of the definitions that the API server has, e.g. managements.k0rdent.mirantis.com.
   * Returns false when a kind is defined but not served yet: call again soon.
   */
  async reconcile(crds: ReadonlySet<string>): Promise<boolean> {
    if (!this.hasListed) await this.listApplied();
    const kinds = new Map<string, Promise<Map<string, string>>>();
    const results = await Promise.all(
      this.stages.map(async (stage) => {
        const { apiGroup, kind } = stage.spec.resourceRef;
        const [group = ""] = apiGroup.split("/");
        if (!crds.has(`${pluralOf(kind)}.${group}`)) return this.remove(stage);
        if (this.applied.get(stage.metadata.name)) return true;
        const served = kinds.get(group) ?? this.kindsOf(group);
        kinds.set(group, served);
        const version = (await served).get(kind);
        return version ? this.add(stage, `${group}/${version}`) : false;
      }),
    );
    return results.every(Boolean);
  }

  /** Lists the Stages that an earlier run applied, so that only those are removed. */
  private async listApplied(): Promise<void> {
    const items = await this.client.list(STAGES);
    const names = new Set(items.map(({ metadata }) => metadata.name));
    for (const { metadata } of this.stages) if (!names.has(metadata.name)) this.applied.set(metadata.name, "");
    this.hasListed = true;
  }

  /**
   * Kinds of a group with the version that their objects are stored in, as far as KWOK can play them already. Its status in another
   * version would prevent the API server from applying a change: the fields of the stored one do not exist in the other.
   */
  private async kindsOf(group: string): Promise<Map<string, string>> {
    const found = await this.client.get<KubernetesObject & ApiGroup>(`/apis/${group}`);
    const lists = (found?.versions ?? []).map(async ({ version }) => {
      const path = `/apis/${group}/${version}`;
      const [list, described] = await Promise.all([
        this.client.get<KubernetesObject & { resources: ApiResource[] }>(path),
        // A kind is served a moment before it is described, and KWOK asks for its description once, when its Stage comes.
        this.client.get<KubernetesObject & { paths: Record<string, unknown> }>(`/openapi/v3${path}`),
      ]);
      const paths = Object.keys(described?.paths ?? {});
      return (list?.resources ?? [])
        .filter(({ kind, storageVersionHash }) => storageVersionHash === hashOf(`${group}/${version}/${kind}`))
        .filter(({ name }) => paths.some((each) => each.endsWith(`/${name}/{name}`)))
        .map(({ kind }) => [kind, version] as const);
    });
    return new Map((await Promise.all(lists)).flat());
  }

  private async add(stage: Stage, apiGroup: string): Promise<true> {
    const { name } = stage.metadata;
    const spec = { ...stage.spec, resourceRef: { ...stage.spec.resourceRef, apiGroup } };
    await this.client.apply({ ...stage, spec });
    this.applied.set(name, apiGroup);
    return true;
  }

  private async remove({ metadata: { name } }: Stage): Promise<true> {
    if (this.applied.get(name) === "") return true;
    await this.client.delete(`${STAGES}/${name}`);
    this.applied.set(name, "");
    return true;
  }
}

/** As the API server computes it. */
function hashOf(groupVersionKind: string): string {
  return createHash("sha256").update(groupVersionKind).digest().subarray(0, 8).toString("base64");
}
