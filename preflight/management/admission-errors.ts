/** Rejections of the API server: which of its ways to reject it is, and what to do about it. */
import { type CheckOutcome, fail } from "../check.ts";
import type { DryRunResult } from "./dry-run-request.ts";

const DENIED = /^admission webhook "([^"]+)" denied the request: (.*)$/;
const WEBHOOK_DOWN = /failed calling webhook "([^"]+)": (?:failed to call webhook: )?(.*)$/;

/** `ClusterDeployment/edge`. */
export function objectName({ manifest }: DryRunResult): string {
  return `${manifest.kind}/${manifest.metadata.name}`;
}

/** The webhook that denied an object, and its reason; undefined where none did. */
export function denialOf({ message }: DryRunResult): { webhook: string; reason: string } | undefined {
  const [, webhook, reason = ""] = DENIED.exec(message) ?? [];
  return webhook === undefined ? undefined : { webhook, reason };
}

/** Whether the user lacks the permission to write the object. */
export function isForbidden(result: DryRunResult): boolean {
  return result.code === 403 && denialOf(result) === undefined;
}

export function lacksNamespace({ code, message }: DryRunResult): boolean {
  return code === 404 && message.startsWith("namespaces ");
}

/** The failure for a rejected object. */
export function describeAdmissionError(result: DryRunResult): CheckOutcome {
  const object = objectName(result);
  const { code, message } = result;
  const denial = denialOf(result);
  if (denial !== undefined) {
    return fail(
      `${object} is denied by the webhook ${denial.webhook} (${code}): ${denial.reason}`,
      code === 404 ? "create what it refers to first, or correct the name" : "fix this; the up would fail at once",
    );
  }
  const [, webhook, reason = ""] = WEBHOOK_DOWN.exec(message) ?? [];
  if (webhook !== undefined) {
    return fail(
      `${object} cannot be written: the webhook ${webhook} does not answer (${reason.replace(/^Post "[^"]*": /, "")})`,
      "start the pods of the webhook, or delete its configuration if they are uninstalled: kubectl get validatingwebhookconfigurations",
    );
  }
  if (code === 409) {
    return fail(
      `another field manager owns fields of ${object}: ${message}`,
      "remove the field from that manager's object, or from the stack file",
    );
  }
  if (code === 422 || code === 400 || /^failed to create typed patch object/.test(message)) {
    return fail(
      `${object} does not match its schema (${code}): ${message}`,
      "use a kcm version whose definitions have these fields, or correct the value in the stack file",
    );
  }
  return fail(`${object} is rejected (${code}): ${message}`, "check the API server's log");
}
