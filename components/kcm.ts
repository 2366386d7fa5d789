import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import pulumi from "@pulumi/pulumi";
import type { Config } from "../manifests/cluster-config.ts";
import { releaseReference } from "../manifests/kcm-release-object.ts";
import { kcmValues } from "../manifests/management-object.ts";
import { KCM_RELEASE, NAMESPACE, releaseDescription } from "../manifests/names.ts";
import { releaseTarget } from "../manifests/release-target.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { DEFAULT_KCM_CHART, DEFAULT_KCM_VERSION } from "../policy/rules/versions.ts";
import { enforce } from "./internal/enforce.ts";
import { ensureRelease } from "./internal/ensure-release.ts";
import { withHooks } from "./internal/hooks.ts";
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
  /** Seconds for the release to install, upgrade or go. @default 600 */
  readonly timeout?: number;
  /** What the strictness of rules depends on. @default production */
  readonly settings?: PolicySettings;
  /** Asked for kcm's Release, and given the one of a new version. @default none: the Release is waited for */
  readonly management?: ManagementConnection;
  /**
   * Whether kcm manages itself, which it does once there is a Management: it is then upgraded by its Release alone, and the Helm
   * release stays as it was installed, since Flux would take every other revision back. @default true
   */
  readonly managesItself?: boolean;
}

/** What is written by the first installation alone. */
const INSTALLED_ONCE = ["chart", "version", "values", "timeout"];

/**
 * k0rdent's management components: the namespace and the Helm release `kcm`, without telemetry, velero and a Management of its own making.
 *
 * @example
 * const kcm = new Kcm("kcm", { version: "1.2.0" }, { provider });
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
    enforce(
      [releaseTarget("management.kcm", { name: KCM_RELEASE, chart, version, values })],
      args.settings ?? { environment: "production" },
    );
    super("k0rdent-nutanix:index:Kcm", name, {}, opts);
    const timeout = args.timeout ?? 600;
    const customTimeouts = { create: `${timeout}s`, update: `${timeout}s`, delete: `${timeout}s` };
    // Helm would make the namespace too, and leave it behind.
    const namespace = new Namespace(
      `${name}-namespace`,
      { metadata: withOwnership({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }) },
      { parent: this, customTimeouts },
    );
    this.release = new Release(
      name,
      {
        name: KCM_RELEASE,
        namespace: NAMESPACE,
        chart,
        // A folder has a version of its own, and Helm refuses a second word on it.
        ...(chart.includes("://") ? { version } : {}),
        values,
        timeout,
        description: releaseDescription(stackIdentity()),
      },
      {
        parent: this,
        customTimeouts,
        dependsOn: namespace,
        ignoreChanges: (args.managesItself ?? true) ? INSTALLED_ONCE : [],
      },
    );
    this.releaseName = this.#offered(name, version, { ...args, timeout });
    this.version = pulumi.output(version);
    this.namespace = namespace.metadata.name;
    const { release, namespace: ours, releaseName } = this;
    this.registerOutputs({ release, version: this.version, namespace: ours, releaseName });
  }

  /** Waits for the Release of the version. Another version is another object, so that a preview does not know its id, nor asks kcm about it. */
  #offered(
    name: string,
    version: string,
    { management, timeout }: KcmArgs & { timeout: number },
  ): pulumi.Output<string> {
    const reference = releaseReference(version);
    const patch = new CustomResourcePatch(
      `${name}-release`,
      { ...reference, metadata: waitMarker(reference, "jsonpath={.status.ready}=true") },
      {
        parent: this,
        dependsOn: this.release,
        // kcm keeps its old Releases, and on a destroy it takes them away itself.
        retainOnDelete: true,
        customTimeouts: { create: `${timeout}s`, update: `${timeout}s` },
        ...(management &&
          withHooks(() => ({
            ...management.readinessErrorHook().hooks,
            ...ensureRelease(management, version, timeout).hooks,
          }))),
      },
    );
    return patch.id.apply(() => reference.metadata.name);
  }
}
