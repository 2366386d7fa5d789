import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Client, KubeObject } from "./client.ts";

const FOLDER = join(import.meta.dirname, "..", "stages");
const STAGES = "/apis/kwok.x-k8s.io/v1alpha1/stages";

interface Stage extends KubeObject {
  spec: { resourceRef: { apiGroup: string; kind: string } };
}

interface ApiGroup {
  preferredVersion: { version: string };
  versions: { version: string }[];
}

/** All Stages below sandbox/stages, each in the file of the kind that it plays. */
export function readStages(): Stage[] {
  return readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(FOLDER, file), "utf8")))
    .map((document) => document.toJS() as Stage);
}

/** Keeps KWOK's Stages in step with the kinds that exist: one that comes before its kind is never played. */
export class StageKeeper {
  private readonly stages = readStages();
  /** API version that each Stage was applied for; empty when it was removed. */
  private readonly applied = new Map<string, string>();
  private hasLooked = false;
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  /**
   * `crds`: names of the definitions that the API server has, e.g. managements.k0rdent.mirantis.com.
   * Answers false when a kind is defined but not served yet: call again soon.
   */
  async reconcile(crds: ReadonlySet<string>): Promise<boolean> {
    if (!this.hasLooked) await this.look();
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

  /** Notes which Stages are not there, so that only those of an earlier run are removed. */
  private async look(): Promise<void> {
    const { items = [] } = await this.client.list(STAGES);
    const there = new Set(items.map(({ metadata }) => metadata.name));
    for (const { metadata } of this.stages) if (!there.has(metadata.name)) this.applied.set(metadata.name, "");
    this.hasLooked = true;
  }

  /** Kinds of a group by the version that the server prefers and has them in, as far as KWOK can play them already. */
  private async kindsOf(group: string): Promise<Map<string, string>> {
    const kinds = new Map<string, string>();
    const served = new Set<string>();
    const found = await this.client.find<KubeObject & ApiGroup>(`/apis/${group}`);
    if (!found) return kinds;
    // The preferred version comes first, and stays where a kind has it.
    for (const version of new Set([found.preferredVersion, ...found.versions].map(({ version }) => version))) {
      const path = `/apis/${group}/${version}`;
      const [list, described] = await Promise.all([
        this.client.find<KubeObject & { resources: { kind: string; name: string }[] }>(path),
        // A kind is served a moment before it is described, and KWOK asks for its description once, when its Stage comes.
        this.client.find<KubeObject & { paths: Record<string, unknown> }>(`/openapi/v3${path}`),
      ]);
      const paths = Object.keys(described?.paths ?? {});
      for (const { kind, name } of list?.resources ?? []) {
        const isDescribed = paths.some((each) => each.endsWith(`/${name}/{name}`));
        if (!served.has(kind) && isDescribed) kinds.set(kind, version);
        served.add(kind);
      }
    }
    return kinds;
  }

  private async add(stage: Stage, apiGroup: string): Promise<true> {
    const { name } = stage.metadata;
    const spec = { ...stage.spec, resourceRef: { ...stage.spec.resourceRef, apiGroup } };
    await this.client.apply(`${STAGES}/${name}`, { ...stage, spec });
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

function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  return name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
}
