/** What of k0rdent the management cluster has, and what this up brings. */

import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { CAPX_RELEASE, MANAGEMENT, NAMESPACE } from "../../manifests/names.ts";
import type { CheckContext } from "../check.ts";
import type { Reader } from "./reader.ts";

const CONTROLLER = "kcm-controller-manager";
/** Helm's own record of a release in the cluster. */
const RECORDS = { apiVersion: "v1", kind: "Secret" };

export interface Installed {
  /** Whether kcm's controller is there. */
  readonly kcm: boolean;
  /** Version of that kcm, if it says so. */
  readonly version: string | undefined;
  readonly management: KubernetesObject | undefined;
  /** Names of kcm's Releases. */
  readonly releases: readonly KubernetesObject[];
}

/** Reads it once a run. @throws NotKnown */
export async function installed(reader: Reader): Promise<Installed> {
  const [controller, management, releases] = await Promise.all([
    reader.object(KINDS.Deployment, { namespace: NAMESPACE, name: CONTROLLER }),
    reader.object(KINDS.Management, { name: MANAGEMENT }),
    reader.list(KINDS.Release),
  ]);
  const spec = management?.spec as { release?: string } | undefined;
  const release = releases?.find(({ metadata }) => metadata.name === spec?.release) ?? releases?.[0];
  const version = (release?.spec as { version?: string } | undefined)?.version;
  return {
    kcm: controller !== undefined,
    version: version ?? controller?.metadata.labels?.["app.kubernetes.io/version"],
    management,
    releases: releases ?? [],
  };
}

/** Whether kcm, its definitions and its namespace come with this up: it installs kcm, and kcm is not there yet. */
export function kcmComes({ stack }: CheckContext, { kcm }: Installed): boolean {
  return !stack.management.adopt && !kcm;
}

/** Whether CAPX's templates come with this up: it makes them, and they are not there yet. */
export async function capxComes({ stack }: CheckContext, reader: Reader): Promise<boolean> {
  if (stack.capx.managedExternally) return false;
  const records = await reader.list(RECORDS, {
    namespace: NAMESPACE,
    selector: `owner=helm,name=${CAPX_RELEASE},status=deployed`,
  });
  return (records ?? []).length === 0;
}
