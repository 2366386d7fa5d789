/** Objects sent as the up will send them, but with the order to change nothing. */
import { applyRequest } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { type Manifest, STACK_LABEL } from "../../manifests/manifest.ts";
import type { CheckContext } from "../check.ts";
import type { Reader } from "./reader.ts";

/** Who writes the fields of a new object; one that is there keeps the manager that Pulumi's provider gave it. */
const MANAGER = "pulumi-kubernetes";
/** Stands where the up sends a secret: the trial never sees one. */
const PLACEHOLDER = "placeholder";

/** What the API server made of an object. `accepted`: the up's call will be too, as things are now. */
export interface DryRunResult {
  readonly manifest: Manifest;
  readonly outcome: "accepted" | "refused" | "unserved" | "not asked";
  readonly code: number;
  /** The API server's words, on one line. */
  readonly message: string;
}

/** Sends an object by server-side apply with dryRun=All and strict validation, as Pulumi's provider does in a preview. */
export async function dryRun(reader: Reader, context: CheckContext, manifest: Manifest): Promise<DryRunResult> {
  const { name, namespace } = manifest.metadata;
  // One list a kind: two hundred clusters would be asked for one by one otherwise. Nobody else's object has a manager of ours.
  const own = await reader.list(manifest, { namespace, selector: `${STACK_LABEL}=${context.identity}` });
  const manager = managerOf(own?.find(({ metadata }) => metadata.name === name));
  // Pulumi forces what nobody of its own has written yet; after that a conflict is a conflict.
  const options = { dryRun: true, force: manager === undefined, fieldManager: manager ?? MANAGER };
  const { code, text } = await reader.send(applyRequest(complete(manifest, context.identity), options));
  const message = messageIn(text);
  const made = { manifest, code, message };
  if (code < 300) return { ...made, outcome: "accepted" };
  // A kind that is not served answers in plain text; a missing namespace and a webhook speak as a Status.
  if (code === 404 && message === "") return { ...made, outcome: "unserved" };
  if (code === 429 || code === 503 || code === 504) return { ...made, outcome: "not asked" };
  return { ...made, outcome: "refused" };
}

/** The manifest with the stack's label; a Secret with something in it. */
function complete(manifest: Manifest, identity: string): Manifest {
  const labels = { ...manifest.metadata.labels, [STACK_LABEL]: identity };
  const object = { ...manifest, metadata: { ...manifest.metadata, labels } };
  const stringData = { credentials: PLACEHOLDER };
  return manifest.kind === "Secret" ? Object.assign(object, { stringData }) : object;
}

/** The manager under which Pulumi applied the object, if it did. */
function managerOf(live: KubernetesObject | undefined): string | undefined {
  const applied = live?.metadata.managedFields?.filter(({ operation }) => operation === "Apply") ?? [];
  return applied.find(({ manager }) => manager?.startsWith("pulumi-kubernetes"))?.manager;
}

function messageIn(text: string): string {
  try {
    const { kind, message } = JSON.parse(text) as { kind?: string; message?: string };
    return kind === "Status" ? (message ?? "").replaceAll(/\s+/g, " ").trim() : "";
  } catch {
    return "";
  }
}
