/** A whole stack as plain objects: what the rules judge, and what is looked for before anything is written. */

import { type Evaluation, evaluate, STACK_RULES } from "../policy/rules/index.ts";
import {
  type PolicySettings,
  type PolicyTarget,
  type RuleSettings,
  SYNTHETIC_API_VERSION,
} from "../policy/rules/rule.ts";
import { lineOf } from "../policy/rules/versions.ts";
import type { Violation } from "../policy/rules/violation.ts";
import type { Stack } from "../schema/stack.ts";
import { capxRelease } from "./capx-release.ts";
import {
  addonLogins,
  type ClusterContext,
  capxObjects,
  clusterConfig,
  hasOwnCredential,
  trustBundleOf,
} from "./cluster-config.ts";
import { clusterDeployment } from "./cluster-deployment.ts";
import { gateWarnings, needsClusterTopology } from "./cluster-topology.ts";
import { configViolations, notReported } from "./config-violations.ts";
import { CAPX_LABEL, credential, resourceTemplate } from "./credential.ts";
import { kcmValues, management, type ProviderEntry } from "./management-object.ts";
import { KCM_COMPONENT, type Manifest } from "./manifest.ts";
import { CAPX_VARIABLES, CHARTS, clusterNames, KCM_RELEASE, NAMESPACE } from "./names.ts";
import { releaseTarget } from "./release-target.ts";
import { serviceContext, serviceTargets } from "./stack-services.ts";
import { targetOptions } from "./target-options.ts";
import { trustBundle } from "./trust-bundle-object.ts";

/** PEM texts that the stack names, by where they stand: `prismCentral`, or a cluster's name. */
export type Bundles = Readonly<Record<string, string>>;

/** PEM text of a cluster's own trust bundle, if it has one. */
export function bundleOf(name: string, stack: Stack, bundles: Bundles): { at: string; pem: string } | undefined {
  const cluster = stack.clusters[name];
  const source = cluster && trustBundleOf(cluster, stack.prismCentral);
  if (source === undefined) return undefined;
  const own = cluster?.nutanix.prismCentral?.trustBundle !== undefined;
  const pem = bundles[own ? name : "prismCentral"];
  const at = own ? `clusters.${name}.nutanix.prismCentral.trustBundle` : "prismCentral.trustBundle";
  return pem === undefined ? undefined : { at, pem };
}

/** What CAPX itself trusts: the bundles of the stack and of its clusters, each once. */
export function capxTrustBundles(bundles: Bundles): Bundles {
  const { prismCentral } = bundles;
  return Object.fromEntries(
    Object.entries(bundles).filter(([key, pem]) => key === "prismCentral" || pem !== prismCentral),
  );
}

/** What may be known of a login without knowing it. */
export interface LoginFacts {
  /** Whether the user is Prism Central's own administrator. */
  readonly isBuiltIn: boolean;
  /** Day that the password was last changed, where the stack says it. */
  readonly rotated: string | undefined;
}

/** Facts of logins by the names of the credentials. */
export type LoginFactsByEntry = Readonly<Record<string, LoginFacts>>;

/** What the strictness of rules depends on, as the stack says it. */
export function stackSettings({ environment, policy, networks }: Stack): PolicySettings {
  return { environment, rules: policy as Readonly<Record<string, RuleSettings>>, networks };
}

function loginTargets(logins: LoginFactsByEntry): PolicyTarget[] {
  return Object.entries(logins).map(([name, spec]) => synthetic(`credentials.${name}`, "Login", { ...spec }));
}

/** What the policies read that is not an object, at its path in the stack file. */
function synthetic(at: string, kind: string, spec: Readonly<Record<string, unknown>>): PolicyTarget {
  return { at, object: { apiVersion: SYNTHETIC_API_VERSION, kind, metadata: { name: at }, spec } };
}

/** PEM text that a cluster's addons check Prism Central's certificate with: its own, else the stack's where it uses the global credentials. */
export function caCertificatesOf(name: string, stack: Stack, bundles: Bundles): string | undefined {
  const cluster = stack.clusters[name];
  if (cluster === undefined) return undefined;
  return hasOwnCredential(cluster) ? bundleOf(name, stack, bundles)?.pem : bundles["prismCentral"];
}

/** The context of a cluster's manifests in its stack. */
function clusterContext(name: string, stack: Stack, bundles: Bundles): ClusterContext {
  const caCertificates = caCertificatesOf(name, stack, bundles);
  return { name, prismCentral: stack.prismCentral, caCertificates };
}

/** What the rules read of a stack. */
export function stackTargets(stack: Stack, bundles: Bundles, logins: LoginFactsByEntry = {}): PolicyTarget[] {
  const { kcm, adopt } = stack.management;
  const releases = adopt
    ? []
    : [
        releaseTarget("management.kcm", {
          name: KCM_RELEASE,
          chart: kcm.chart,
          version: kcm.version,
          values: kcmValues(kcm.version, kcm.values),
        }),
      ];
  const capx = stack.capx.managedExternally ? [] : [capxTarget(stack)];
  const services = serviceContext(stack);
  const global = bundles["prismCentral"];
  const globalBundle =
    global === undefined ? [] : [{ at: "prismCentral.trustBundle", object: trustBundle(CAPX_VARIABLES, global) }];
  return [
    ...releases,
    ...capx,
    synthetic("prismCentral", "PrismCentral", stack.prismCentral),
    preflightTarget(stack.preflight.skip ?? {}),
    ...globalBundle,
    ...loginTargets(logins),
    ...serviceTargets(stack, services),
    ...Object.entries(stack.clusters).flatMap(([name, cluster]): PolicyTarget[] => {
      const bundle = bundleOf(name, stack, bundles);
      const object = clusterDeployment(cluster, { ...clusterContext(name, stack, bundles), services });
      const options = targetOptions(name, cluster, { ...stackSettings(stack), kcmVersion: kcm.version });
      return [
        { at: `clusters.${name}`, object, options },
        ...(bundle === undefined || bundle.pem === global
          ? []
          : [{ at: bundle.at, object: trustBundle(clusterNames(name).trustBundle, bundle.pem) }]),
      ];
    }),
  ];
}

/** What the policies read of a preflight: which checks are skipped, and why. */
export function preflightTarget(skip: Readonly<Record<string, string>>): PolicyTarget {
  return synthetic("preflight", "Preflight", { skip });
}

function capxTarget({ capx, management: { kcm } }: Stack): PolicyTarget {
  const capxVersion = capx.version ?? lineOf(kcm.version)?.defaultCapx;
  return releaseTarget("capx", capxRelease({ ...capx, kcmVersion: kcm.version, capxVersion }));
}

/** What the policies read besides a stack and its bundles. */
export interface PolicyContext {
  /** @default none */
  readonly logins?: LoginFactsByEntry;
  /** What was there before. @default not known: rules about change say nothing */
  readonly previous?: readonly PolicyTarget[] | undefined;
}

/** What the rules say of a stack, each fault at the place where the user wrote what is wrong. */
export function evaluateStack(stack: Stack, bundles: Bundles, { logins, previous }: PolicyContext = {}): Evaluation {
  const settings = { ...stackSettings(stack), ...(previous === undefined ? {} : { previous }) };
  const { violations, warnings } = evaluate(stackTargets(stack, bundles, logins), settings, STACK_RULES);
  return {
    violations: relocateViolations(violations, stack),
    warnings: [...relocateViolations(warnings, stack), ...gateWarnings(stack)],
  };
}

/** What the cluster charts do not accept of the clusters, and no policy reports. Another provider's templates have other values. */
export function chartViolations(stack: Stack, bundles: Bundles, { violations, warnings }: Evaluation): Violation[] {
  if (stack.capx.chart !== undefined) return [];
  const found = Object.entries(stack.clusters).flatMap(([name, cluster]) => {
    const caCertificates = caCertificatesOf(name, stack, bundles);
    const config = clusterConfig(cluster, { name, prismCentral: stack.prismCentral, caCertificates });
    return configViolations(`clusters.${name}`, cluster, config);
  });
  return notReported(relocateViolations(found, stack), [...violations, ...warnings]);
}

/** Clusters that name no Prism Central take the stack's: its errors are reported once, at its key. */
function relocateViolations(violations: readonly Violation[], stack: Stack): Violation[] {
  const moved = violations.map((violation) => {
    if (violation.path === "capx.kcmVersion") return { ...violation, path: "management.kcm.version" };
    const source = /^(serviceTemplates\.[^ ]+) spec\.url$/.exec(violation.path)?.[1];
    if (source !== undefined) return { ...violation, path: `${source}.repository` };
    const match = /^clusters\.([^.]+)\.nutanix\.(prismCentral\.(address|port|insecure))$/.exec(violation.path);
    const inherited = match?.[1] !== undefined && stack.clusters[match[1]]?.nutanix.prismCentral === undefined;
    return inherited && match?.[2] !== undefined ? { ...violation, path: match[2] } : violation;
  });
  const seen = new Set<string>();
  return moved.filter((violation) => {
    const key = `${violation.path} ${violation.reason}`;
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * Every object that the stack writes itself, without what Helm brings: as it is written, but for the label of the stack, the
 * charts that are served and the data of Secrets.
 */
export function stackManifests(stack: Stack, bundles: Bundles = {}): Manifest[] {
  return [
    ...sharedManifests(stack, bundles),
    ...Object.keys(stack.clusters).flatMap((name) => clusterManifests(name, stack, bundles)),
  ];
}

/** The part of {@link stackManifests} that no cluster has for itself. */
export function sharedManifests(stack: Stack, bundles: Bundles = {}): Manifest[] {
  const { capx, clusters } = stack;
  const { adopt, kcm, providers } = stack.management;
  const shared = capx.managedExternally
    ? []
    : [
        named("Secret", CAPX_VARIABLES, CAPX_LABEL),
        ...(capx.chartRepository === undefined && capx.chart === undefined ? [named("ConfigMap", CHARTS)] : []),
      ];
  const own = adopt
    ? []
    : [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
        management({
          kcmVersion: kcm.version,
          capxVersion: capx.version,
          trustBundles: capxTrustBundles(bundles),
          kcmValues: kcm.values,
          providers: providers as readonly ProviderEntry[],
          chartSource: capx.chart === undefined ? "package" : "custom",
          clusterTopology: needsClusterTopology({ clusters }),
        }),
      ];
  return [...shared, ...own, ...serviceTargets(stack).map(({ object }) => object)];
}

/** The part of {@link stackManifests} that one cluster has for itself; none where the stack has no such cluster. */
export function clusterManifests(name: string, stack: Stack, bundles: Bundles = {}): Manifest[] {
  const cluster = stack.clusters[name];
  if (cluster === undefined) return [];
  const names = clusterNames(name);
  const objects = capxObjects(cluster, name);
  const template = resourceTemplate(name, addonLogins(cluster, stack.prismCentral));
  return [
    named("Secret", names.identity, { ...CAPX_LABEL, ...KCM_COMPONENT }),
    ...(template === undefined ? [] : [template]),
    credential(name),
    ...(hasOwnCredential(cluster) ? [named("Secret", objects.secret, CAPX_LABEL)] : []),
    ...(objects.trustBundle === undefined
      ? []
      : [trustBundle(objects.trustBundle, bundleOf(name, stack, bundles)?.pem ?? "")]),
    ...(cluster.encryptionAtRest ? [named("Secret", names.encryptionAtRest)] : []),
    clusterDeployment(cluster, { ...clusterContext(name, stack, bundles), services: serviceContext(stack) }),
  ];
}

function named(kind: "Secret" | "ConfigMap", name: string, labels?: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: "v1", kind, metadata: { name, namespace: NAMESPACE, ...(labels ? { labels } : {}) } };
}
