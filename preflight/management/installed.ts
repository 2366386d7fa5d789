/** What of k0rdent the management cluster has, and what this up installs. */
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { CAPX_RELEASE, MANAGEMENT, NAMESPACE } from "../../manifests/names.ts";
import type { CheckContext } from "../check.ts";
import type { Reader } from "./reader.ts";

const CONTROLLER = "kcm-controller-manager";
/** Helm's own record of a release in the cluster. */
const RECORDS = { apiVersion: "v1", kind: "Secret" };

export interface InstalledKcm {
  /** Whether kcm's controller exists. */
  readonly isInstalled: boolean;
  /** Version of that kcm, if it is recorded. */
  readonly version: string | undefined;
  readonly management: KubernetesObject | undefined;
  /** kcm's Releases. */
  readonly releases: readonly KubernetesObject[];
}

/** Read once a run. @throws Inconclusive */
export async function installedKcm(reader: Reader): Promise<InstalledKcm> {
  const [controller, management, releases = []] = await Promise.all([
    reader.object(KINDS.Deployment, { namespace: NAMESPACE, name: CONTROLLER }),
    reader.object(KINDS.Management, { name: MANAGEMENT }),
    reader.list(KINDS.Release),
  ]);
  const spec = management?.spec as { release?: string } | undefined;
  const release = releases.find(({ metadata }) => metadata.name === spec?.release) ?? releases[0];
  const version = (release?.spec as { version?: string } | undefined)?.version;
  return {
    isInstalled: controller !== undefined,
    version: version ?? controller?.metadata.labels?.["app.kubernetes.io/version"],
    management,
    releases,
  };
}

/** Whether this up installs kcm, its definitions and its namespace. */
export function installsKcm({ stack }: CheckContext, { isInstalled }: InstalledKcm): boolean {
  return !stack.management.adopt && !isInstalled;
}

/** Whether this up installs CAPX's templates. */
export async function installsCapx({ stack }: CheckContext, reader: Reader): Promise<boolean> {
  if (stack.capx.managedExternally) return false;
  const selector = `owner=helm,name=${CAPX_RELEASE},status=deployed`;
  const records = await reader.list(RECORDS, { namespace: NAMESPACE, selector });
  return (records ?? []).length === 0;
}
