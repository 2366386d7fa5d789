import pulumi from "@pulumi/pulumi";
import { errorReason } from "../../kubernetes/errors.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { resourceHook } from "./hooks.ts";
import { isKnown } from "./known.ts";
import { log } from "./log.ts";

/** What the Cluster API operator installs CAPX from; any change of it makes the operator read CAPX's variables at once. */
const INSTALLATION = {
  apiVersion: "operator.cluster.x-k8s.io/v1alpha2",
  kind: "InfrastructureProvider",
  metadata: { name: "nutanix", namespace: NAMESPACE },
} as const;
/** Annotation of {@link INSTALLATION}: when the variables changed last, RFC 3339. */
const CHANGED = "k0rdent-nutanix/variables-changed";

/** A Secret's inputs, before or after the provider has read them. */
interface SecretInputs {
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

/**
 * Hooks of a Secret that contains a login: when the login changes, preview and up log what follows by itself and what needs a
 * restart. With `connection`, the operator that installs CAPX is notified afterwards: by itself it looks every ten minutes.
 */
export function rotationHooks(
  secret: string,
  follows: string,
  connection?: ManagementConnection,
): pulumi.ResourceHookBinding {
  const explain = async ({ oldInputs, newInputs }: pulumi.ResourceHookArgs) => {
    if (await differs(oldInputs, newInputs)) await log.info(follows);
  };
  const beforeUpdate = resourceHook(`explain-rotation-${secret}`, explain, { onDryRun: true });
  if (connection === undefined) return { beforeUpdate };
  return { beforeUpdate, afterUpdate: resourceHook(`notify-operator-${secret}`, () => notifyOperator(connection)) };
}

/** Whether the login changes. Opened to be compared, never shown; a login that a preview does not know is a new one. */
async function differs(before: SecretInputs = {}, after: SecretInputs = {}): Promise<boolean> {
  const both = pulumi.all([pulumi.output(before), pulumi.output(after)]);
  if (!(await isKnown(both))) return true;
  return new Promise((resolve) => both.apply(([one, other]) => resolve(loginOf(one) !== loginOf(other))));
}

function loginOf({ data, stringData }: SecretInputs): string | undefined {
  const encoded = data?.["credentials"];
  return (
    stringData?.["credentials"] ?? (encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8"))
  );
}

async function notifyOperator(connection: ManagementConnection): Promise<void> {
  try {
    const api = await connection.api();
    if ((await api.get(INSTALLATION)) === undefined) return;
    const annotations = { [CHANGED]: new Date().toISOString() };
    await api.merge(INSTALLATION, { metadata: { ...INSTALLATION.metadata, annotations } });
  } catch (error) {
    await log.warn(
      `InfrastructureProvider ${INSTALLATION.metadata.name}: cannot be notified of the changed CAPX variables (${errorReason(error)}); the operator reads them within ten minutes`,
    );
  }
}
