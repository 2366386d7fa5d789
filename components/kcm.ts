import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../kubernetes/client.ts";
import type { ObjectReference } from "../kubernetes/object.ts";
import { readiness } from "../kubernetes/readiness.ts";
import { waitFor } from "../kubernetes/wait.ts";
import type { Config } from "../manifests/cluster-config.ts";
import { KCM_HELM_RELEASE, releaseOffer, releaseReference } from "../manifests/kcm-release-object.ts";
import { kcmValues } from "../manifests/management-object.ts";
import { KCM_RELEASE, NAMESPACE, releaseDescription, releaseTemplates } from "../manifests/names.ts";
import { releaseTarget } from "../manifests/release-target.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { DEFAULT_KCM_CHART, DEFAULT_KCM_VERSION } from "../policy/rules/versions.ts";
import { enforce } from "./internal/enforce.ts";
import { resourceHook } from "./internal/hooks.ts";
import { waitMarker } from "./internal/wait-marker.ts";
import { stackIdentity, withOwnership } from "./internal/with-ownership.ts";
import type { ManagementConnection } from "./management-connection.ts";

export interface KcmArgs {
  /** kcm version. @default "1.2.0" */
  readonly version?: string;
  /** Helm chart: an oci:// address or a folder. @default {@link DEFAULT_KCM_CHART} */
  readonly chart?: string;
  /** Helm values, merged over the ones that this project sets. @default none */
  readonly values?: Config | undefined;
  /**
   * Whether kcm manages itself, which it does once there is a Management: only its Release then upgrades it, and the Helm release
   * stays as it was installed, since Flux would revert every other revision. Set it to false to correct a first installation
   * that has failed. @default true
   */
  readonly selfManaged?: boolean;
  /** Creates kcm's Release of a new version, checks for conflicts and explains failures. @default kcm's Release is only waited for */
  readonly connection?: ManagementConnection | undefined;
  /** Seconds for the release to be installed, upgraded or uninstalled. @default 600 */
  readonly timeout?: number;
  /** What the enforcement of policies depends on. @default production */
  readonly settings?: PolicySettings;
}

/** Inputs that only the first installation writes. */
const INSTALLED_ONCE = ["chart", "version", "values", "timeout"];
const NAMESPACE_MANIFEST = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } } as const;

/**
 * k0rdent's management components: the namespace and the Helm release `kcm`, without telemetry, velero and a Management of its own.
 *
 * @example
 * const kcm = new Kcm("kcm", { version: "1.2.0", connection }, { provider });
 */
export class Kcm extends pulumi.ComponentResource {
  /** The Helm release. */
  public readonly release: Release;
  /** kcm version. */
  public readonly version: pulumi.Output<string>;
  /** Namespace of kcm: `kcm-system`. */
  public readonly namespace: pulumi.Output<string>;
  /** Name of kcm's Release object, known once Management may name it: all its templates are valid. */
  public readonly releaseName: pulumi.Output<string>;

  constructor(name: string, args: KcmArgs, opts?: pulumi.ComponentResourceOptions) {
    const version = args.version ?? DEFAULT_KCM_VERSION;
    const chart = args.chart ?? DEFAULT_KCM_CHART;
    const values = kcmValues(version, args.values);
    enforce([releaseTarget("management.kcm", { name: KCM_RELEASE, chart, version, values })], args.settings);
    super("k0rdent-nutanix:index:Kcm", name, {}, opts);
    const timeout = args.timeout ?? 600;
    const customTimeouts = { create: `${timeout}s`, update: `${timeout}s`, delete: `${timeout}s` };
    const beforeCreate = args.connection?.guards.protect({ manifests: [NAMESPACE_MANIFEST] }) ?? [];
    // Helm would create the namespace too, and never delete it.
    const namespace = new Namespace(
      `${name}-namespace`,
      { metadata: withOwnership(NAMESPACE_MANIFEST) },
      { parent: this, customTimeouts, hooks: { beforeCreate } },
    );
    this.release = new Release(
      name,
      {
        name: KCM_RELEASE,
        namespace: NAMESPACE,
        chart,
        // A folder has its own version, and Helm rejects another one.
        ...(chart.includes("://") ? { version } : {}),
        values,
        timeout,
        description: releaseDescription(stackIdentity()),
      },
      {
        parent: this,
        customTimeouts,
        dependsOn: namespace,
        ...(args.connection && { hooks: { onError: args.connection.readinessErrorHook() } }),
        ignoreChanges: (args.selfManaged ?? true) ? INSTALLED_ONCE : [],
      },
    );
    this.version = pulumi.output(version);
    this.namespace = namespace.metadata.name;
    this.releaseName = this.#releaseName(name, version, { ...args, timeout });
    // Not the release: whoever reads a stack's outputs through the engine would construct it a second time, without a state.
    this.registerOutputs({ version: this.version, namespace: this.namespace, releaseName: this.releaseName });
  }

  /** Waits for the Release. Another version is another object: a preview does not know its id, and sends kcm nothing about it. */
  #releaseName(
    name: string,
    version: string,
    { connection, timeout }: KcmArgs & { timeout: number },
  ): pulumi.Output<string> {
    const reference = releaseReference(version);
    const patch = new CustomResourcePatch(
      `${name}-release`,
      { ...reference, metadata: waitMarker(reference, "jsonpath={.status.ready}=true") },
      {
        parent: this,
        dependsOn: this.release,
        // kcm keeps its old Releases, and deletes them itself when it is uninstalled.
        retainOnDelete: true,
        customTimeouts: { create: `${timeout}s`, update: `${timeout}s` },
        ...(connection && {
          hooks: {
            beforeCreate: ensureRelease(connection, version, timeout),
            onError: connection.readinessErrorHook(),
          },
        }),
      },
    );
    return patch.id.apply(() => reference.metadata.name);
  }
}

/**
 * Ensures kcm's Release of a version before it is waited for: a kcm that starts creates its own; a running one needs the Release
 * of another version from us, as the first step of its upgrade.
 */
function ensureRelease(connection: ManagementConnection, kcmVersion: string, timeout: number): pulumi.ResourceHook[] {
  return resourceHook(`ensure-kcm-release-${kcmVersion}`, async () => {
    const api = await connection.api();
    if ((await api.get(releaseReference(kcmVersion))) !== undefined) return;
    if ((await api.get(KCM_HELM_RELEASE)) !== undefined) {
      for (const object of releaseOffer(kcmVersion)) await api.create(object as ObjectReference);
    }
    await waitForRelease(api, kcmVersion, timeout);
  });
}

async function waitForRelease(api: KubernetesClient, kcmVersion: string, timeout: number): Promise<void> {
  const release = releaseReference(kcmVersion);
  const name = releaseTemplates(kcmVersion);
  if ((await waitFor(() => api.get(release), { timeout: timeout * 1000 })) !== undefined) return;
  const templates = await api.get({ ...KCM_HELM_RELEASE, metadata: { ...KCM_HELM_RELEASE.metadata, name } });
  const { status, message } = readiness(templates);
  throw new Error(
    `management.kcm.version: "${kcmVersion}" has no Release ${release.metadata.name} after ${timeout} s ` +
      `(HelmRelease ${name} is ${status}: ${message}); check that kcm runs, and that its chart repository has the version`,
  );
}
