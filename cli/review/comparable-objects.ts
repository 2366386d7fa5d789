/** The objects of a stack file, with fingerprints of secrets, for comparison. */

import { capxObjects, hasOwnCredential } from "../../manifests/cluster-config.ts";
import { capxVariables } from "../../manifests/credential.ts";
import { CAPX_VARIABLES, clusterNames, NAMESPACE } from "../../manifests/names.ts";
import { stackManifests, stackTargets } from "../../manifests/stack-manifests.ts";
import type { Stack } from "../../schema/stack.ts";
import { credentialOf } from "../../schema/stack-references.ts";
import type { RenderedObject } from "../stack/render-stack.ts";
import type { StackVersion } from "./stack-version.ts";

export interface RenderableVersion extends Pick<StackVersion, "bundles" | "secrets"> {
  readonly stack: Stack;
}

/** Objects of one version of a stack. */
export function objectsOf(version: RenderableVersion): RenderedObject[] {
  const { stack, bundles } = version;
  const releases = stackTargets(stack, bundles)
    .map(({ object }) => object)
    .filter(({ kind }) => kind === "Release")
    .map((release) => ({ ...release, metadata: { ...release.metadata, namespace: NAMESPACE } }));
  const fields = secretsOf(version);
  return [...releases, ...stackManifests(stack, bundles)].map((object) => ({
    ...object,
    ...fields[`${object.kind} ${object.metadata.name}`],
  }));
}

type FieldsByObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function secretsOf({ stack, secrets: { logins } }: RenderableVersion): FieldsByObject {
  const { address, port, insecure } = stack.prismCentral;
  const variables = capxVariables({ address, port, insecure });
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
