/** The only reader of the stack's configuration: every fault of a stack file, in one error. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import pulumi from "@pulumi/pulumi";
import { parse as parseYaml } from "yaml";
import type { CapxArgs } from "./components/capx.ts";
import type { Credentials as Secrets } from "./components/internal/run-preflight.ts";
import type { KcmArgs } from "./components/kcm.ts";
import type { ManagementArgs } from "./components/management.ts";
import { KubeconfigError } from "./kubernetes/errors.ts";
import { contextNames, NOWHERE, readKubeconfig } from "./kubernetes/kubeconfig.ts";
import type { ApiAccess } from "./kubernetes/transport.ts";
import { capxObjects, csiAccess, hasOwnCredential } from "./manifests/cluster-config.ts";
import { needsClusterTopology } from "./manifests/cluster-topology.ts";
import type { CsiAccess } from "./manifests/credential.ts";
import type { ProviderEntry } from "./manifests/management-object.ts";
import { clusterNames } from "./manifests/names.ts";
import {
  type Bundles,
  bundleOf,
  caCertificatesOf,
  evaluateStack,
  type LoginFactsByEntry,
  stackSettings,
} from "./manifests/stack-manifests.ts";
import { isBuiltInUser } from "./policy/rules/credential-objects.ts";
import type { Evaluation } from "./policy/rules/index.ts";
import type { PolicySettings } from "./policy/rules/rule.ts";
import { formatViolation, formatViolations, type Violation } from "./policy/rules/violation.ts";
import type { Timeouts } from "./schema/management-settings.ts";
import { parse } from "./schema/parse.ts";
import type { TrustBundleSource } from "./schema/prism-central-settings.ts";
import { credentials as credentialsSchema, type Generate, type Stack, stack as stackSchema } from "./schema/stack.ts";
import { credentialOf, referenceViolations } from "./schema/stack-references.ts";

/** A login whose parts are secrets. */
export interface SecretLogin {
  /** Its entry in `credentials`. */
  readonly entry: string;
  readonly username: pulumi.Output<string>;
  readonly password: pulumi.Output<string>;
}

/** Arguments of the components, as far as they stand in the stack file; undefined: the part is not ours to make. */
export interface Parts {
  readonly kcm: KcmArgs | undefined;
  readonly nutanix: Omit<CapxArgs, "username" | "password" | "prismCentral"> | undefined;
  readonly management: ManagementArgs;
}

/** What CAPX will own of a cluster. */
export interface ClusterObjects {
  readonly capxSecret: string | undefined;
  readonly configMapName: string;
  /** PEM text of the cluster's own trust bundle, if it has one. */
  readonly pem: string | undefined;
}

/** What a cluster's addons need of what stands elsewhere in the stack. */
export interface AddonNeeds {
  readonly csi: CsiAccess | undefined;
  readonly caCertificates: string | undefined;
}

export interface StackConfig extends Stack {
  /** How to reach the management cluster. */
  readonly access: ApiAccess;
  /** PEM texts of trust bundles. */
  readonly bundles: Bundles;
  /** All logins by name, a secret. */
  readonly logins: pulumi.Output<Secrets>;
  /** Passwords that the stack makes itself, by their entry in `credentials`. */
  readonly generated: Readonly<Record<string, Generate>>;
  /** The login of a cluster, or the global one; the password is empty where it is one of `generated`. */
  readonly login: (cluster?: string) => SecretLogin;
  readonly objects: (cluster: string) => ClusterObjects;
  readonly addons: (cluster: string) => AddonNeeds;
  readonly parts: Parts;
  /** What the strictness of rules depends on. */
  readonly settings: PolicySettings;
  /** What the rules warn of, a line each. */
  readonly warnings: readonly string[];
  /** Seconds for each wait. */
  readonly timeouts: Timeouts;
}

const KEYS = [
  "environment",
  "management",
  "capx",
  "prismCentral",
  "preflight",
  "credentials",
  "clusters",
  "networks",
  "peerStacks",
  "policy",
] as const;

/** A stack file as it was read, right or wrong. */
export interface StackReading {
  /** undefined: it cannot be read, and the rules were not asked. */
  readonly stack: Stack | undefined;
  /** PEM texts of trust bundles. */
  readonly bundles: Bundles;
  /** What may be known of its logins. */
  readonly logins: LoginFactsByEntry;
  /** Passwords that the stack makes itself, by their entry in `credentials`. */
  readonly generated: Readonly<Record<string, Generate>>;
  readonly access: ApiAccess;
  /** What cannot be read, and what refers to nothing. */
  readonly faults: readonly Violation[];
  /** What the rules say. */
  readonly verdict: Evaluation;
}

/** Reads the stack's configuration and asks the rules, without refusing anything. */
export function readStack(): StackReading {
  const config = new pulumi.Config();
  const faults: Violation[] = [...identityFaults(config.name), ...keyFaults(config.name)];
  const plain = Object.fromEntries(
    KEYS.filter((key) => key !== "credentials").map((key) => [key, readKey(config, key)]),
  );
  const inFiles = clustersInFiles(`clusters/${pulumi.getStack()}`, faults);
  const { value: stack, violations: unreadable } = parse(stackSchema, withFiles(plain, inFiles, faults), { at: "" });
  const { logins, generated } = readCredentials(config, faults);
  if (stack === undefined || faults.length > 0) {
    const access = { kubeconfig: undefined, context: undefined };
    const verdict = { violations: [], warnings: [] };
    return { stack: undefined, bundles: {}, logins, generated, access, faults: [...faults, ...unreadable], verdict };
  }
  faults.push(...referenceViolations(stack, Object.keys(logins)));
  const bundles = readBundles(stack, faults);
  const access = readAccess(stack, faults);
  return { stack, bundles, logins, generated, access, faults, verdict: evaluateStack(stack, bundles, { logins }) };
}

/**
 * Reads the stack's configuration and asks the rules.
 *
 * @throws RunError with every fault of the stack file: what cannot be read, what refers to nothing, what a rule refuses.
 */
export function readConfig(): StackConfig {
  const { stack: value, bundles, access, faults, verdict, generated } = readStack();
  const refused = [...faults, ...verdict.violations];
  if (value === undefined || refused.length > 0) refuse(refused);
  const secrets = new pulumi.Config().requireSecretObject<Secrets>("credentials");
  const login = (cluster?: string): SecretLogin => {
    const spec = cluster === undefined ? undefined : value.clusters[cluster];
    const entry = cluster === undefined || spec === undefined ? "global" : credentialOf(cluster, spec);
    return {
      entry,
      username: secrets.apply((all) => all[entry]?.username ?? ""),
      password: secrets.apply((all) => all[entry]?.password ?? ""),
    };
  };
  const objects = (name: string): ClusterObjects => {
    const cluster = value.clusters[name];
    const names = cluster && capxObjects(cluster, name);
    return {
      capxSecret: cluster && hasOwnCredential(cluster) ? names?.secret : undefined,
      configMapName: names?.trustBundle ?? clusterNames(name).trustBundle,
      pem: bundleOf(name, value, bundles)?.pem,
    };
  };
  const addons = (name: string): AddonNeeds => {
    const cluster = value.clusters[name];
    return {
      csi: cluster && csiAccess(cluster, value.prismCentral),
      caCertificates: caCertificatesOf(name, value, bundles),
    };
  };
  return {
    ...value,
    access,
    bundles,
    logins: secrets,
    generated,
    login,
    objects,
    addons,
    parts: partsOf(value, bundles),
    settings: stackSettings(value),
    warnings: verdict.warnings.map(formatViolation),
    timeouts: value.management.timeouts,
  };
}

function partsOf({ management, capx, clusters }: Stack, bundles: Bundles): Parts {
  const { kcm, adopt, providers, timeouts } = management;
  const versions = { kcmVersion: kcm.version, capxVersion: capx.version };
  return {
    kcm: adopt ? undefined : { version: kcm.version, chart: kcm.chart, values: kcm.values, timeout: timeouts.release },
    nutanix: capx.managedExternally
      ? undefined
      : {
          ...versions,
          trustBundle: bundles["prismCentral"],
          chartRepository: capx.chartRepository,
          chart: capx.chart,
          chartVersion: capx.chartVersion,
          takeOwnership: capx.takeOwnership,
          timeout: timeouts.release,
        },
    management: {
      ...versions,
      part: !adopt ? "own" : capx.managedExternally ? "none" : "entry",
      isOwnChart: capx.chart === undefined,
      kcmValues: kcm.values,
      clusterTopology: needsClusterTopology({ clusters }),
      providers: providers as readonly ProviderEntry[],
      timeout: timeouts.management,
      templateTimeout: timeouts.template,
    },
  };
}

function refuse(faults: readonly Violation[]): never {
  throw new pulumi.RunError(formatViolations(`Pulumi.${pulumi.getStack()}.yaml:`, faults));
}

/** A key's value: structured keys arrive as JSON, plain ones as text. */
function readKey(config: pulumi.Config, key: string): unknown {
  const text = config.get(key);
  if (text === undefined || key === "environment") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/** Every object carries project and stack as a label. */
function identityFaults(project: string): Violation[] {
  const identity = `${project}.${pulumi.getStack()}`;
  if (identity.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(identity)) return [];
  return [
    {
      path: "stack",
      value: identity,
      reason: "cannot be the value of a label, which every object carries",
      remedy:
        "take a stack name of letters, digits, '-', '_' and '.', 63 characters at most together with the project's name",
    },
  ];
}

/** Keys that nobody reads, and secrets where none may stand. */
function keyFaults(project: string): Violation[] {
  return Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(`${project}:`))
    .map((key) => key.slice(project.length + 1))
    .flatMap((key): Violation[] => {
      if (!(KEYS as readonly string[]).includes(key)) {
        return [{ path: key, reason: "is an unknown key", remedy: `the keys are ${KEYS.join(", ")}` }];
      }
      if (key === "credentials" || !isConfigSecret(`${project}:${key}`)) return [];
      return [
        {
          path: key,
          reason: "holds a secret, and only what stands under credentials is kept as one",
          remedy: "move it to credentials, or write it in clear if it is no secret",
        },
      ];
    });
}

/** Checks the credentials and forgets their values: only the names go on, and what rules ask of each. */
function readCredentials(config: pulumi.Config, faults: Violation[]): Pick<StackReading, "logins" | "generated"> {
  const found = readKey(config, "credentials") ?? {};
  const { value, violations: unreadable } = parse(credentialsSchema, found, { at: "credentials", secret: true });
  const entries = Object.entries(value ?? {});
  const given = entries.flatMap(([name, { password }]) => (password === undefined ? [] : [name]));
  faults.push(
    ...unreadable.map((fault) => ({
      ...fault,
      remedy: fault.remedy.replace("<name>", fault.path.split(".")[1] ?? ""),
    })),
    ...namesInClear(config, given).map((name) => ({
      path: `credentials.${name}.password`,
      reason: "stands in clear text in the stack file",
      remedy: `set it with pulumi config set --secret --path 'credentials.${name}.password', and change it in Prism Central`,
    })),
  );
  const facts = entries.map(([name, { username, rotated }]) => [
    name,
    { isBuiltIn: isBuiltInUser(username), rotated: rotated?.slice(0, 10) },
  ]);
  const made = entries.flatMap(([name, { generate }]) => (generate === undefined ? [] : [[name, generate]]));
  return { logins: Object.fromEntries(facts), generated: Object.fromEntries(made) };
}

/** Whose password is in clear text. Pulumi calls all of `credentials` a secret as soon as one password is: only the file tells. */
function namesInClear(config: pulumi.Config, names: readonly string[]): readonly string[] {
  const key = `${config.name}:credentials`;
  const file = `Pulumi.${pulumi.getStack()}.yaml`;
  if (!isConfigSecret(key)) return names;
  if (!existsSync(file)) return [];
  const entries: Record<string, { password?: unknown } | undefined> =
    parseYaml(readFileSync(file, "utf8"))?.config?.[key] ?? {};
  return names.filter((name) => typeof entries[name]?.password === "string");
}

/** Clusters that stand in files of their own, named by the file. */
function clustersInFiles(folder: string, faults: Violation[]): Record<string, unknown> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort();
  const clusters = new Map<string, unknown>();
  for (const file of files) {
    const path = join(folder, file);
    const name = basename(file).replace(/\.ya?ml$/, "");
    if (clusters.has(name)) {
      faults.push({ path, reason: `is a second file of the cluster ${name}`, remedy: "keep one of the two" });
      continue;
    }
    try {
      clusters.set(name, parseYaml(readFileSync(path, "utf8")));
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n")[0]?.replace(/:$/, "") : String(error);
      faults.push({ path, reason: `is no YAML: ${reason}`, remedy: "mend the file" });
    }
  }
  return Object.fromEntries(clusters);
}

function withFiles(plain: Record<string, unknown>, inFiles: Record<string, unknown>, faults: Violation[]): unknown {
  const inStack = plain["clusters"] ?? {};
  if (typeof inStack !== "object" || Array.isArray(inStack)) return plain;
  for (const name of Object.keys(inFiles).filter((name) => Object.hasOwn(inStack, name))) {
    faults.push({
      path: `clusters.${name}`,
      reason: `stands in the stack file and in clusters/${pulumi.getStack()}/${name}.yaml`,
      remedy: "keep one of the two",
    });
  }
  return { ...plain, clusters: { ...inStack, ...inFiles } };
}

function readBundles(stack: Stack, faults: Violation[]): Bundles {
  const sources: [string, string, TrustBundleSource | undefined][] = [
    ["prismCentral", "prismCentral.trustBundle", stack.prismCentral.trustBundle],
    ...Object.entries(stack.clusters).map(([name, { nutanix }]): [string, string, TrustBundleSource | undefined] => [
      name,
      `clusters.${name}.nutanix.prismCentral.trustBundle`,
      nutanix.prismCentral?.trustBundle,
    ]),
  ];
  return Object.fromEntries(
    sources.flatMap(([key, at, source]) => {
      if (source === undefined) return [];
      const pem = "pem" in source ? source.pem : readText(`${at}.file`, source.file, faults);
      return pem === undefined ? [] : [[key, pem]];
    }),
  );
}

function readAccess({ management }: Stack, faults: Violation[]): ApiAccess {
  const { kubeconfig: path, context } = management;
  if (path === undefined) return { kubeconfig: undefined, context };
  try {
    const kubeconfig = readKubeconfig(path);
    if (context !== undefined) faults.push(...contextFaults(kubeconfig, context));
    return { kubeconfig, context };
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    if (pulumi.runtime.isDryRun() && error.problem === "missing") {
      pulumi.log.debug(`there is no file ${path}: the preview goes on without the management cluster`);
      return { kubeconfig: NOWHERE, context: undefined };
    }
    const { reason, remedy } = error;
    faults.push({ path: "management.kubeconfig", value: path, reason, remedy });
    return { kubeconfig: undefined, context };
  }
}

function contextFaults(kubeconfig: string, context: string): Violation[] {
  const contexts = contextNames(kubeconfig);
  if (contexts.includes(context)) return [];
  return [
    {
      path: "management.context",
      value: context,
      reason: "is no context of the kubeconfig",
      remedy: contexts.length === 0 ? "name another file in management.kubeconfig" : `write ${contexts.join(" or ")}`,
    },
  ];
}

function readText(path: string, file: string, faults: Violation[]): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    faults.push({
      path,
      value: file,
      reason: `cannot be read (${code})`,
      remedy: "write the path of a file that is there",
    });
    return undefined;
  }
}
