/** A whole stack as plain objects: what the rules judge, and what is looked for before anything is written. */

import type { Fault } from "../policy/rules/fault.ts";
import { judge, type Verdict } from "../policy/rules/index.ts";
import type { Subject } from "../policy/rules/rule.ts";
import { lineOf } from "../policy/rules/versions.ts";
import type { Stack } from "../schema/stack.ts";
import { capxRelease } from "./capx-release.ts";
import { capxObjects, csiAccess, hasOwnCredential, trustBundleOf } from "./cluster-config.ts";
import { clusterDeployment } from "./cluster-deployment.ts";
import { credential, resourceTemplate } from "./credential.ts";
import { kcmValues, management } from "./management.ts";
import type { Manifest } from "./manifest.ts";
import { CAPX_VARIABLES, CHARTS, clusterNames, KCM_RELEASE, NAMESPACE } from "./names.ts";
import { releaseSubject } from "./subjects.ts";
import { trustBundle } from "./trust-bundle.ts";

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

/** PEM text that a cluster's addons check Prism Central's certificate with: its own, else the stack's where it uses the global credentials. */
export function caCertificatesOf(name: string, stack: Stack, bundles: Bundles): string | undefined {
  const cluster = stack.clusters[name];
  if (cluster === undefined) return undefined;
  return hasOwnCredential(cluster) ? bundleOf(name, stack, bundles)?.pem : bundles["prismCentral"];
}

/** What the rules read of a stack. */
export function stackSubjects(stack: Stack, bundles: Bundles): Subject[] {
  const { kcm, adopt } = stack.management;
  const releases = adopt
    ? []
    : [
        releaseSubject("management.kcm", {
          name: KCM_RELEASE,
          chart: kcm.chart,
          version: kcm.version,
          values: kcmValues(kcm.version, kcm.values),
        }),
      ];
  const capx = stack.capx.installed ? [] : [capxSubject(stack)];
  const global = bundles["prismCentral"];
  const globalBundle =
    global === undefined ? [] : [{ at: "prismCentral.trustBundle", object: trustBundle(CAPX_VARIABLES, global) }];
  return [
    ...releases,
    ...capx,
    ...globalBundle,
    ...Object.entries(stack.clusters).flatMap(([name, cluster]): Subject[] => {
      const bundle = bundleOf(name, stack, bundles);
      const caCertificates = caCertificatesOf(name, stack, bundles);
      const object = clusterDeployment(cluster, { name, prismCentral: stack.prismCentral, caCertificates });
      return [
        { at: `clusters.${name}`, object },
        ...(bundle === undefined || bundle.pem === global
          ? []
          : [{ at: bundle.at, object: trustBundle(capxObjects(cluster, name).trustBundle, bundle.pem) }]),
      ];
    }),
  ];
}

function capxSubject({ capx, management: { kcm } }: Stack): Subject {
  const capxVersion = capx.version ?? lineOf(kcm.version)?.defaultCapx;
  return releaseSubject("capx", capxRelease({ ...capx, kcmVersion: kcm.version, capxVersion }));
}

/** What the rules say of a stack, each fault at the place where the user wrote what is wrong. */
export function stackVerdict(stack: Stack, bundles: Bundles): Verdict {
  const { refused, warned } = judge(stackSubjects(stack, bundles), { environment: stack.environment });
  return { refused: placed(refused, stack), warned: placed(warned, stack) };
}

/** Clusters that name no Prism Central take the stack's: what is wrong with that one is said once, where it stands. */
function placed(faults: readonly Fault[], stack: Stack): Fault[] {
  const moved = faults.map((fault) => {
    if (fault.path === "capx.kcmVersion") return { ...fault, path: "management.kcm.version" };
    const match = /^clusters\.([^.]+)\.nutanix\.(prismCentral\..*)$/.exec(fault.path);
    const inherited = match?.[1] !== undefined && stack.clusters[match[1]]?.nutanix.prismCentral === undefined;
    return inherited && match?.[2] !== undefined ? { ...fault, path: match[2] } : fault;
  });
  const seen = new Set<string>();
  return moved.filter((fault) => {
    const key = `${fault.path} ${fault.reason}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Every object that the stack writes itself, without what Helm brings: named before it is written, secrets without their data. */
export function stackManifests(stack: Stack): Manifest[] {
  const named = (kind: "Secret" | "ConfigMap", name: string): Manifest => ({
    apiVersion: "v1",
    kind,
    metadata: { name, namespace: NAMESPACE },
  });
  const shared = stack.capx.installed
    ? []
    : [
        named("Secret", CAPX_VARIABLES),
        ...(stack.capx.chartRepository === undefined && stack.capx.chart === undefined
          ? [named("ConfigMap", CHARTS)]
          : []),
      ];
  const own = stack.management.adopt
    ? []
    : [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
        management({
          kcmVersion: stack.management.kcm.version,
          providers: stack.management.providers as never,
          hasEntry: stack.capx.chart === undefined,
        }),
      ];
  return [
    ...shared,
    ...own,
    ...Object.entries(stack.clusters).flatMap(([name, cluster]) => {
      const names = clusterNames(name);
      const objects = capxObjects(cluster, name);
      return [
        named("Secret", names.identity),
        resourceTemplate(name, csiAccess(cluster, stack.prismCentral)),
        credential(name, ""),
        ...(hasOwnCredential(cluster) ? [named("Secret", objects.secret)] : []),
        ...(trustBundleOf(cluster, stack.prismCentral) ? [named("ConfigMap", objects.trustBundle)] : []),
        ...(cluster.encryptionAtRest ? [named("Secret", names.encryptionAtRest)] : []),
        clusterDeployment(cluster, { name, prismCentral: stack.prismCentral }),
      ];
    }),
  ];
}
