/** What a stack file becomes, as plain objects that can be compared; secrets are fingerprints that are never shown. */

import { capxObjects, hasOwnCredential } from "../../manifests/cluster-config.ts";
import { capxVariables } from "../../manifests/credential.ts";
import { CAPX_VARIABLES, clusterNames, NAMESPACE } from "../../manifests/names.ts";
import { type Bundles, bundleOf, stackManifests, stackTargets } from "../../manifests/stack-manifests.ts";
import { trustBundle } from "../../manifests/trust-bundle-object.ts";
import type { Stack } from "../../schema/stack.ts";
import { credentialOf } from "../../schema/stack-references.ts";

/** A Kubernetes object of the stack; a Helm release is one of kind Release. */
export interface PlainObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

export interface StackVersion {
  readonly stack: Stack;
  readonly bundles: Bundles;
  /** Fingerprints of logins, by the name of their entry in `credentials`. */
  readonly logins: Readonly<Record<string, string>>;
}

/** Objects of one side of a comparison. */
export function objectsOf(side: StackVersion): PlainObject[] {
  const { stack, bundles } = side;
  const releases = stackTargets(stack, bundles)
    .map(({ object }) => object)
    .filter(({ kind }) => kind === "Release")
    .map((release) => ({ ...release, metadata: { ...release.metadata, namespace: NAMESPACE } }));
  const filled = { ...secretsOf(side), ...bundlesOf(side) };
  return [...releases, ...stackManifests(stack)].map((object) => ({
    ...object,
    ...filled[`${object.kind} ${object.metadata.name}`],
  }));
}

type Filling = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function secretsOf({ stack, bundles, logins }: StackVersion): Filling {
  const { address, port, insecure } = stack.prismCentral;
  const variables = capxVariables({ address, port, insecure, trustBundle: bundles["prismCentral"] });
  const entries = Object.entries(stack.clusters).flatMap(([name, cluster]) => {
    const stringData = { credentials: logins[credentialOf(name, cluster)] };
    const secrets = [
      clusterNames(name).identity,
      ...(hasOwnCredential(cluster) ? [capxObjects(cluster, name).secret] : []),
    ];
    return secrets.map((secret) => [`Secret ${secret}`, { stringData }] as const);
  });
  return {
    ...Object.fromEntries(entries),
    [`Secret ${CAPX_VARIABLES}`]: { stringData: { ...variables, credentials: logins["global"] } },
  };
}

function bundlesOf({ stack, bundles }: StackVersion): Filling {
  const entries = Object.entries(stack.clusters).flatMap(([name, cluster]) => {
    const bundle = bundleOf(name, stack, bundles);
    const object = bundle && trustBundle(capxObjects(cluster, name).trustBundle, bundle.pem);
    return object === undefined ? [] : [[`ConfigMap ${object.metadata.name}`, { data: object.data }] as const];
  });
  return Object.fromEntries(entries);
}
