/** Objects sent in a dry run as the up sends them. */
import { applyRequest, bodyOf } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { ApiResponse } from "../../kubernetes/transport.ts";
import { type Manifest, STACK_LABEL } from "../../manifests/manifest.ts";
import type { CheckContext } from "../check.ts";
import type { Reader } from "./reader.ts";

/** Field manager of a new object; an existing one keeps the manager that Pulumi's provider gave it. */
const MANAGER = "pulumi-kubernetes";
/** In place of a secret, which a dry run never sends. */
const PLACEHOLDER = "placeholder";

/** The API server's response. `accepted`: it would accept the up's request too; `notServed`: it does not know the kind. */
export interface DryRunResult {
  readonly manifest: Manifest;
  readonly outcome: "accepted" | "rejected" | "notServed" | "unavailable";
  readonly code: number;
  /** The API server's message, on one line. */
  readonly message: string;
}

/** Sends an object by server-side apply with dryRun=All and strict validation, as Pulumi's provider does in a preview. */
export async function dryRun(reader: Reader, context: CheckContext, manifest: Manifest): Promise<DryRunResult> {
  const { name, namespace } = manifest.metadata;
  // One list per kind in place of one request per object. Only objects of this stack have a manager of ours.
  const own = await reader.list(manifest, { namespace, selector: `${STACK_LABEL}=${context.identity}` });
  const manager = managerOf(own?.find(({ metadata }) => metadata.name === name));
  // Pulumi forces the first apply of an object; after that a conflict is an error.
  const options = { dryRun: true, force: manager === undefined, fieldManager: manager ?? MANAGER };
  const response = await reader.send(applyRequest(complete(manifest, context.identity), options));
  const { code } = response;
  const message = messageIn(response);
  return { manifest, code, message, outcome: outcomeOf(code, message) };
}

function outcomeOf(code: number, message: string): DryRunResult["outcome"] {
  if (code < 300) return "accepted";
  // A kind that is not served has a plain text response; a missing namespace and a webhook have a Status.
  if (code === 404 && message === "") return "notServed";
  return [429, 503, 504].includes(code) ? "unavailable" : "rejected";
}

/** The manifest with the stack's label; a Secret with a placeholder. */
function complete(manifest: Manifest, identity: string): Manifest {
  const labels = { ...manifest.metadata.labels, [STACK_LABEL]: identity };
  const object = { ...manifest, metadata: { ...manifest.metadata, labels } };
  return manifest.kind === "Secret" ? Object.assign(object, { stringData: { credentials: PLACEHOLDER } }) : object;
}

/** The field manager with which Pulumi applied the object, if it did. */
function managerOf(live: KubernetesObject | undefined): string | undefined {
  const applied = live?.metadata.managedFields?.filter(({ operation }) => operation === "Apply") ?? [];
  return applied.find(({ manager }) => manager?.startsWith(MANAGER))?.manager;
}

/** The message of a Status, on one line. */
function messageIn(response: ApiResponse): string {
  const { kind, message = "" } = bodyOf(response) as { kind?: string; message?: string };
  return kind === "Status" ? message.replaceAll(/\s+/g, " ").trim() : "";
}
