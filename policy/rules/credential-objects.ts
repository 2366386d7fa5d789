/** The Credentials of k0rdent that objects hold. */
import { isKind, K0RDENT } from "./cluster-fields.ts";
import { type Field, objectField } from "./field.ts";
import type { PolicyTarget } from "./rule.ts";

export interface CredentialObject {
  readonly at: string;
  readonly name: string;
  readonly namespace: string;
  readonly identity: Field;
}

/** The Credentials of k0rdent among the subjects, with the name of the Secret behind each. */
export function credentialsOf(subjects: readonly PolicyTarget[]): CredentialObject[] {
  return subjects
    .filter((subject) => isKind(subject, K0RDENT, "Credential"))
    .map((subject) => {
      const place = objectField(subject);
      return {
        at: subject.at,
        name: place.at("metadata", "name").text ?? "",
        namespace: place.at("metadata", "namespace").text ?? "default",
        identity: place.at("spec", "identityRef", "name"),
      };
    });
}
