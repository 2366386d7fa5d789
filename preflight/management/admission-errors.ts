/** Words for a refusal of the API server: which of the ways to refuse it is, and what to do about it. */

import type { ConnectionProblem } from "./connection-errors.ts";
import type { DryRunResult } from "./dry-run-request.ts";

const WEBHOOK = /^admission webhook "([^"]+)" denied the request: (.*)$/;
const DOWN = /failed calling webhook "([^"]+)": (?:failed to call webhook: )?(.*)$/;

/** Where a refused object stands: `ClusterDeployment/edge`. */
export function placeOf({ manifest }: DryRunResult): string {
  return `${manifest.kind}/${manifest.metadata.name}`;
}

/** The webhook that denied an object, and its words; undefined where none did. */
export function deniedBy({ message }: DryRunResult): { webhook: string; reason: string } | undefined {
  const [, webhook = "", reason = ""] = WEBHOOK.exec(message) ?? [];
  return webhook === "" ? undefined : { webhook, reason };
}

/** Whether the refusal is about the right to write, and not about the object. */
export function isForbidden(trial: DryRunResult): boolean {
  return trial.code === 403 && deniedBy(trial) === undefined;
}

/** Whether it is the namespace that is not there. */
export function isHomeless({ code, message }: DryRunResult): boolean {
  return code === 404 && message.startsWith("namespaces ");
}

export function describeAdmissionError(trial: DryRunResult): ConnectionProblem {
  const place = placeOf(trial);
  const { code, message } = trial;
  const denied = deniedBy(trial);
  if (denied !== undefined) {
    const remedy =
      code === 404
        ? "bring what it names first, or correct the name"
        : "mend what it names; the up would fail on it at once";
    return { found: `${place} is denied by the webhook ${denied.webhook} (${code}): ${denied.reason}`, remedy };
  }
  const [, webhook = "", why = ""] = DOWN.exec(message) ?? [];
  if (webhook !== "") {
    return {
      found: `${place} cannot be written: the webhook ${webhook} does not answer (${why.replace(/^Post "[^"]*": /, "")})`,
      remedy:
        "see that the pods behind it run, or that its configuration went with them: kubectl get validatingwebhookconfigurations",
    };
  }
  if (code === 409) {
    return {
      found: `${place} is written by somebody else too: ${message}`,
      remedy: "take the field out of that manager's object, or out of the stack file",
    };
  }
  if (code === 422 || code === 400 || /^failed to create typed patch object/.test(message)) {
    return {
      found: `${place} does not fit its schema (${code}): ${message}`,
      remedy: "use a kcm version whose definitions know these fields, or correct the value in the stack file",
    };
  }
  return { found: `${place} is refused (${code}): ${message}`, remedy: "look at the API server's log" };
}
