import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { redactedJson, redactedObject } from "../../kubernetes/redact.ts";
import type { Finding } from "../../operations/diagnoses/finding.ts";
import { ADDITIONAL_KINDS, SNAPSHOT_KINDS } from "../../operations/snapshot.ts";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import type { Diagnostics } from "../stack/collect-diagnostics.ts";

/** Kinds of which the archive contains only names. */
const NAMED_ONLY: ReadonlySet<string> = new Set(["Secret"]);

/**
 * Writes findings, objects, events and logs as a tar.gz with mode 0600, with secrets redacted.
 *
 * @returns the number of its files
 */
export async function writeBundle(
  file: string,
  { input, redact, missing }: Diagnostics,
  findings: readonly Finding[],
): Promise<number> {
  const { snapshot, additional, logs, probes } = input;
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  const redacted = (object: KubernetesObject) => json(redactedObject(object, redact));
  const entries = new Map<string, string>([
    ["README.txt", readme(snapshot.takenAt, missing)],
    ["findings.json", `${redactedJson(findings, redact)}\n`],
    ["probes.json", json(probes)],
    ["gaps.json", `${redactedJson([...snapshot.gaps, ...additional.gaps], redact)}\n`],
    ["events.json", json(snapshot.events.map((event) => redactedObject(event, redact)))],
  ]);
  const objects = [
    ...SNAPSHOT_KINDS.flatMap((kind) => snapshot.objects[kind].map((object) => ({ kind, object }))),
    ...ADDITIONAL_KINDS.flatMap((kind) => additional.objects[kind].map((object) => ({ kind, object }))),
  ];
  for (const { kind, object } of objects) {
    const content = NAMED_ONLY.has(kind) ? json({ name: object.metadata.name }) : redacted(object);
    entries.set(`objects/${kind}/${object.metadata.name}.json`, content);
  }
  for (const [index, { part, pod, lines }] of logs.entries())
    entries.set(`logs/${part}/${pod}.${index}.log`, `${lines.map(redact).join("\n")}\n`);
  await writeArchive(file, entries);
  return entries.size;
}

async function writeArchive(file: string, entries: ReadonlyMap<string, string>): Promise<void> {
  const archive = pack();
  for (const [name, content] of entries) archive.entry({ name: `doctor/${name}` }, content);
  archive.finalize();
  replaceFile(file, await buffer(archive.pipe(createGzip())), 0o600);
}

function readme(takenAt: string, missing: readonly string[]): string {
  return [
    `Diagnostics by k0rdent-nutanix, ${takenAt}.`,
    "",
    "findings.json   findings, the most likely cause first",
    "objects/        objects of kcm-system by kind; only names of Secrets, only keys of ConfigMaps",
    "events.json     warnings",
    "logs/           last lines of kcm, Flux, Cluster API, CAPX, k0smotron and Sveltos",
    "probes.json     connection attempts to the endpoints of clusters that are not ready",
    "gaps.json       kinds that could not be read",
    "",
    "Contents of Secrets in kcm-system, and what looks like a secret, are replaced by [redacted]. Check the files before you send them.",
    ...missing.map((sentence) => `Missing: ${sentence}.`),
    "",
  ].join("\n");
}
