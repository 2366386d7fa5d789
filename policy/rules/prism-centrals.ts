/** Every Prism Central that policy targets connect to: of clusters, and of the global credentials. */
import type { PrismCentralFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { isSecret, secretField } from "./credential-objects.ts";
import { Field, missingField, objectField, syntheticFields } from "./field.ts";
import type { PolicyTarget } from "./rule.ts";

export function prismCentralsOf(targets: readonly PolicyTarget[]): PrismCentralFields[] {
  return [
    ...syntheticFields(targets, "PrismCentral").map((global) => ({
      ...globalFields,
      address: global.at("address"),
      port: global.at("port"),
      insecure: global.at("insecure"),
      bundle: global.at("trustBundle"),
    })),
    ...targets.flatMap(capxVariables),
    ...clustersOf(targets).map(({ prismCentral }) => prismCentral),
  ];
}

const none = missingField("");
const globalFields = { secret: none, inlineBundle: none, isGlobal: () => false };

/** Spellings of true that Go reads. */
const TRUE = /^\s*(1|t|true)\s*$/i;

/** The Prism Central in the variables of CAPX, which a Secret has. */
function capxVariables(target: PolicyTarget): PrismCentralFields[] {
  if (!isSecret(target)) return [];
  const secret = objectField(target);
  const variable = (key: string, read: (text: string) => unknown = (text) => text) => {
    const field = secretField(secret, key);
    return new Field(field.path, () => (field.text === undefined ? undefined : read(field.text)));
  };
  const address = variable("NUTANIX_ENDPOINT");
  if (!address.isSet) return [];
  const bundle = variable("NUTANIX_ADDITIONAL_TRUST_BUNDLE", (text) => text || undefined);
  const insecure = variable("NUTANIX_INSECURE", (text) => TRUE.test(text));
  return [{ ...globalFields, address, port: variable("NUTANIX_PORT", Number), insecure, bundle }];
}
