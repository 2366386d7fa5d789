import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { redactedObject } from "../../kubernetes/redact.ts";
import type { Finding } from "../../operations/diagnoses/finding.ts";
import { ADDITIONAL_KINDS, SNAPSHOT_KINDS } from "../../operations/snapshot.ts";
import type { Diagnostics } from "../stack/collect-diagnostics.ts";

/** Kinds that the archive names and does not show. */
const NAMED_ONLY: ReadonlySet<string> = new Set(["Secret"]);

/**
 * Writes what a ticket needs as a tar.gz that only you can read: findings, objects, events and logs, secrets taken out.
 *
 * @returns how many files are in it.
 */
export async function writeBundle(
  file: string,
  { the, redact, missing }: Diagnostics,
  findings: readonly Finding[],
): Promise<number> {
  const { snapshot, extra, logs, probes } = the;
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  const shown = (object: KubernetesObject) => json(redactedObject(object, redact));
  const entries = new Map<string, string>([
    ["README.txt", readme(snapshot.takenAt, missing)],
    ["findings.json", redact(json(findings))],
    ["probes.json", json(probes)],
    ["gaps.json", redact(json([...snapshot.gaps, ...extra.gaps]))],
    ["events.json", json(snapshot.events.map((event) => redactedObject(event, redact)))],
  ]);
  const objects = [
    ...SNAPSHOT_KINDS.flatMap((kind) => snapshot.objects[kind].map((object) => ({ kind, object }))),
    ...ADDITIONAL_KINDS.flatMap((kind) => extra.objects[kind].map((object) => ({ kind, object }))),
  ];
  for (const { kind, object } of objects) {
    const content = NAMED_ONLY.has(kind) ? json({ name: object.metadata.name }) : shown(object);
    entries.set(`objects/${kind}/${object.metadata.name}.json`, content);
  }
  for (const [index, { part, pod, lines }] of logs.entries())
    entries.set(`logs/${part}/${pod}.${index}.log`, `${lines.map(redact).join("\n")}\n`);
  await writeArchive(file, entries);
  return entries.size;
}

/** Whole or not at all. */
async function writeArchive(file: string, entries: ReadonlyMap<string, string>): Promise<void> {
  const draft = `${file}.${process.pid}`;
  const archive = pack();
  try {
    const written = archive.pipe(createGzip()).pipe(createWriteStream(draft, { mode: 0o600, flags: "wx" }));
    const done = once(written, "finish");
    for (const [name, content] of entries) archive.entry({ name: `doctor/${name}` }, content);
    archive.finalize();
    await done;
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

function readme(takenAt: string, missing: readonly string[]): string {
  return [
    `What the doctor of k0rdent-nutanix saw at ${takenAt}.`,
    "",
    "findings.json   what is wrong, the most likely cause first",
    "objects/        objects of kcm-system by kind; of Secrets only the names, of ConfigMaps only the keys",
    "events.json     warnings",
    "logs/           last lines of kcm, Flux, Cluster API, CAPX, k0smotron and Sveltos",
    "probes.json     whether somebody answers at the endpoints of clusters that are not ready",
    "gaps.json       what could not be read",
    "",
    "What the Secrets of kcm-system hold, and what looks like a secret, is replaced by [redacted]. Look through it all the same.",
    ...missing.map((sentence) => `Missing: ${sentence}.`),
    "",
  ].join("\n");
}
