import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import { errorReason } from "../../kubernetes/errors.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { withHooks } from "./hooks.ts";

/** What the Cluster API operator installs CAPX from; any change of it makes the operator look at CAPX's variables at once. */
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
 * Hooks of a Secret with a login: when the login changes, preview and up say what follows it by itself and what is to be
 * restarted. With `management`, the operator that installs CAPX is told afterwards: it would look only every ten minutes.
 */
export function onRotation(
  name: string,
  follows: string,
  management?: ManagementConnection,
): { hooks: pulumi.ResourceHookBinding } {
  // The engine calls back from outside the program, where an inline program's log leads nowhere.
  const inProgram = AsyncLocalStorage.snapshot();
  const say = async ({ oldInputs, newInputs }: pulumi.ResourceHookArgs) => {
    if (await differs(oldInputs, newInputs)) await pulumi.log.info(follows);
  };
  return withHooks(() => {
    const title = `what follows the login in ${name}`;
    const before = new pulumi.ResourceHook(title, (args) => inProgram(say, args), { onDryRun: true });
    if (management === undefined) return { beforeUpdate: [before] };
    const after = new pulumi.ResourceHook(`tell the operator of ${name}`, () => inProgram(tell, management));
    return { beforeUpdate: [before], afterUpdate: [after] };
  });
}

/** Whether the login is another one. Opened to be compared, never shown; one that a preview does not know is a new one. */
async function differs(before: SecretInputs = {}, after: SecretInputs = {}): Promise<boolean> {
  const both = pulumi.all([pulumi.output(before), pulumi.output(after)]);
  const { isKnown } = both as unknown as { isKnown: Promise<boolean> };
  if (!(await isKnown)) return true;
  return new Promise((resolve) => both.apply(([one, other]) => resolve(loginOf(one) !== loginOf(other))));
}

function loginOf({ data, stringData }: SecretInputs): string | undefined {
  const encoded = data?.["credentials"];
  return (
    stringData?.["credentials"] ?? (encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8"))
  );
}

async function tell(management: ManagementConnection): Promise<void> {
  try {
    const api = await management.api();
    if ((await api.get(INSTALLATION)) === undefined) return;
    const annotations = { [CHANGED]: new Date().toISOString() };
    await api.merge(INSTALLATION, { metadata: { ...INSTALLATION.metadata, annotations } });
  } catch (error) {
    await pulumi.log.warn(
      `InfrastructureProvider ${INSTALLATION.metadata.name}: could not be told that CAPX's variables changed (${errorReason(error)}); the operator looks by itself within ten minutes`,
    );
  }
}
