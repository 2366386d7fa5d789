import type { KubernetesClient } from "./client.ts";
import { ApiError } from "./errors.ts";
import { KINDS } from "./kinds.ts";
import { type Redact, redactor, secretsIn } from "./redact.ts";

export interface SecretTexts {
  /** Masks the contents of the Secrets, and what looks like a secret. */
  readonly redact: Redact;
  /** False: only what looks like a secret is masked. */
  readonly isReadable: boolean;
}

/** Milliseconds until the Secrets are read again: a status is refreshed every two seconds. */
const KEPT_MS = 60_000;
const kept = new WeakMap<
  Pick<KubernetesClient, "list">,
  { readonly until: number; readonly texts: Promise<SecretTexts> }
>();

/** Reads the contents of the Secrets of a namespace, for redaction only. */
export function secretTexts(client: Pick<KubernetesClient, "list">, namespace: string): Promise<SecretTexts> {
  const last = kept.get(client);
  if (last !== undefined && Date.now() < last.until) return last.texts;
  const texts = read(client, namespace);
  kept.set(client, { until: Date.now() + KEPT_MS, texts });
  return texts;
}

async function read(client: Pick<KubernetesClient, "list">, namespace: string): Promise<SecretTexts> {
  // Secrets of Helm releases are large, and repeat what other Secrets hold.
  const options = { fieldSelector: "type!=helm.sh/release.v1" };
  try {
    const secrets = await client.list({ ...KINDS.Secret, namespace }, options);
    return { redact: redactor(secrets.flatMap(({ data = {} }) => secretsIn(data))), isReadable: true };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { redact: redactor([]), isReadable: false };
  }
}
