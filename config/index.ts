/** The only reader of the stack's configuration: every error of a stack file, in one message. */
import pulumi from "@pulumi/pulumi";
import type { ApiAccess } from "../kubernetes/transport.ts";
import { needsClusterTopology } from "../manifests/cluster-topology.ts";
import { sharedNameViolations } from "../manifests/shared-names.ts";
import { type Bundles, chartViolations, evaluateStack, stackSettings } from "../manifests/stack-manifests.ts";
import type { Evaluation } from "../policy/rules/index.ts";
import { at, isMap } from "../policy/rules/plain-values.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { formatViolations, type Violation, violationLines } from "../policy/rules/violation.ts";
import { withDefaultK0s } from "../schema/cluster.ts";
import { parse } from "../schema/parse.ts";
import type { PrismCentral } from "../schema/prism-central-settings.ts";
import { type Stack, stack as stackSchema } from "../schema/stack.ts";
import { credentialOf, referenceViolations } from "../schema/stack-references.ts";
import { withClusterFiles } from "./cluster-files.ts";
import { CONFIG_KEYS, keyErrors, readKey, sizeErrors, stackNameErrors } from "./config-keys.ts";
import { type CredentialsReading, readCredentials, type StoredCredentials } from "./credentials.ts";
import { readAccess, readBundles } from "./referenced-files.ts";

/** A login whose parts are secrets. */
export interface SecretLogin {
  /** Its entry in `credentials`. */
  readonly entry: string;
  readonly username: pulumi.Output<string>;
  readonly password: pulumi.Output<string>;
}

/** A valid stack file. */
export interface StackConfig extends Stack, Pick<CredentialsReading, "generated"> {
  /** How to reach the management cluster. */
  readonly access: ApiAccess;
  /** PEM texts of trust bundles. */
  readonly bundles: Bundles;
  /** All logins by their entry in `credentials`, a secret. */
  readonly logins: pulumi.Output<StoredCredentials>;
  /** The login of a cluster, or the global one; the password is empty where it is one of `generated`. */
  readonly login: (cluster?: string) => SecretLogin;
  /** Whether a cluster needs Cluster API's feature gate ClusterTopology. */
  readonly clusterTopology: boolean;
  /** What the enforcement of policies depends on. */
  readonly settings: PolicySettings;
  /** Advisory violations; one that many clusters share is one line. */
  readonly warnings: readonly string[];
}

/** A stack file as it was read, valid or not. */
export interface StackReading extends CredentialsReading {
  /** undefined: it cannot be read, and no policy was evaluated. */
  readonly stack: Stack | undefined;
  /** PEM texts of trust bundles. */
  readonly bundles: Bundles;
  readonly access: ApiAccess;
  /** What cannot be read, and references to what does not exist. */
  readonly errors: readonly Violation[];
  readonly evaluation: Evaluation;
}

/** Reads the stack's configuration and evaluates the policies. Throws nothing. */
export function readStack(): StackReading {
  const config = new pulumi.Config();
  const errors: Violation[] = [...stackNameErrors(config.name), ...keyErrors(config), ...sizeErrors()];
  const keys = CONFIG_KEYS.filter((key) => key !== "credentials");
  const plain = Object.fromEntries(keys.map((key) => [key, readKey(config, key)]));
  const kcmVersion = at(plain["management"], "kcm", "version");
  const written = withClusterFiles(plain["clusters"] ?? {}, { root: ".", stack: pulumi.getStack() }, errors);
  const clusters = isMap(written)
    ? Object.fromEntries(Object.entries(written).map(([name, one]) => [name, withDefaultK0s(one, kcmVersion)]))
    : written;
  const { value: stack, violations } = parse(stackSchema, { ...plain, clusters }, { at: "" });
  const credentials = readCredentials(config, errors);
  if (stack === undefined || errors.length > 0) {
    const evaluation = { violations: [], warnings: [] };
    return {
      stack: undefined,
      bundles: {},
      access: {},
      errors: [...errors, ...violations],
      evaluation,
      ...credentials,
    };
  }
  const { logins } = credentials;
  errors.push(...referenceViolations(stack, Object.keys(logins)), ...sharedNameViolations(stack));
  const bundles = readBundles(stack, errors);
  const access = readAccess(stack, errors);
  const evaluation = evaluateStack(stack, bundles, { logins });
  errors.push(...chartViolations(stack, bundles, evaluation));
  return { stack, bundles, access, errors, evaluation, ...credentials };
}

/**
 * Reads the stack's configuration and evaluates the policies.
 *
 * @throws RunError with every error of the stack file and every mandatory violation.
 */
export function readConfig(): StackConfig {
  const { stack, bundles, access, errors, evaluation, generated } = readStack();
  const all = [...errors, ...evaluation.violations];
  if (stack === undefined || all.length > 0)
    throw new pulumi.RunError(formatViolations(`Pulumi.${pulumi.getStack()}.yaml:`, all));
  const logins = new pulumi.Config().requireSecretObject<StoredCredentials>("credentials");
  const login = (name?: string): SecretLogin => {
    const cluster = name === undefined ? undefined : stack.clusters[name];
    const entry = name === undefined || cluster === undefined ? "global" : credentialOf(name, cluster);
    return {
      entry,
      username: logins.apply((all) => all[entry]?.username ?? ""),
      password: logins.apply((all) => all[entry]?.password ?? ""),
    };
  };
  return {
    ...withBundles(stack, bundles),
    access,
    bundles,
    logins,
    generated,
    login,
    clusterTopology: needsClusterTopology(stack),
    settings: stackSettings(stack),
    warnings: violationLines(evaluation.warnings),
  };
}

/** The stack with the text of each trust bundle in place of its file's name. */
function withBundles(stack: Stack, bundles: Bundles): Stack {
  const withPem = <T extends Pick<PrismCentral, "trustBundle">>(key: string, central: T): T => {
    const pem = bundles[key];
    return pem === undefined ? central : { ...central, trustBundle: { pem } };
  };
  const clusters = Object.entries(stack.clusters).map(([name, cluster]) => {
    const central = cluster.nutanix.prismCentral;
    if (central === undefined) return [name, cluster];
    return [name, { ...cluster, nutanix: { ...cluster.nutanix, prismCentral: withPem(name, central) } }];
  });
  return {
    ...stack,
    prismCentral: withPem("prismCentral", stack.prismCentral),
    clusters: Object.fromEntries(clusters),
  };
}
