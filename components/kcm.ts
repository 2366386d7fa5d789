import k8s from "@pulumi/kubernetes";
import pulumi from "@pulumi/pulumi";
import type { Config } from "../manifests/cluster-config.ts";
import { kcmValues } from "../manifests/management.ts";
import { KCM_RELEASE, NAMESPACE, releaseDescription } from "../manifests/names.ts";
import { releaseSubject } from "../manifests/subjects.ts";
import type { Settings } from "../policy/rules/rule.ts";
import { DEFAULT_KCM_VERSION } from "../policy/rules/versions.ts";
import { enforce } from "./enforce.ts";
import { owned, stackIdentity } from "./ownership.ts";

/** Where kcm's chart is published. */
export const KCM_CHART = "oci://ghcr.io/k0rdent/kcm/charts/kcm";

export interface KcmArgs {
  /** kcm version. @default "1.2.0" */
  readonly version?: string;
  /** Helm chart: an oci:// address or a folder. @default {@link KCM_CHART} */
  readonly chart?: string;
  /** Helm values, merged over the ones that this project sets. @default none */
  readonly values?: Config | undefined;
  /** Seconds for the release to install, upgrade or go. @default 600 */
  readonly timeout?: number;
  /** What the strictness of rules depends on. @default production */
  readonly settings?: Settings;
}

/**
 * k0rdent's management components: the namespace and the Helm release `kcm`, without telemetry, velero and a Management of its own making.
 *
 * @example
 * const kcm = new Kcm("kcm", { version: "1.2.0" }, { provider });
 */
export class Kcm extends pulumi.ComponentResource {
  /** The Helm release. */
  public readonly release: k8s.helm.v3.Release;
  /** kcm version. */
  public readonly version: pulumi.Output<string>;
  /** Namespace of kcm: `kcm-system`. */
  public readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: KcmArgs, opts?: pulumi.ComponentResourceOptions) {
    const version = args.version ?? DEFAULT_KCM_VERSION;
    const chart = args.chart ?? KCM_CHART;
    const values = kcmValues(version, args.values);
    enforce(
      [releaseSubject("management.kcm", { name: KCM_RELEASE, chart, version, values })],
      args.settings ?? { environment: "production" },
    );
    super("k0rdent-nutanix:index:Kcm", name, {}, opts);
    const timeout = args.timeout ?? 600;
    const customTimeouts = { create: `${timeout}s`, update: `${timeout}s`, delete: `${timeout}s` };
    // Helm would make the namespace too, and leave it behind.
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: owned({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }) },
      { parent: this, customTimeouts },
    );
    this.release = new k8s.helm.v3.Release(
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
      { parent: this, customTimeouts, dependsOn: namespace },
    );
    this.version = pulumi.output(version);
    this.namespace = namespace.metadata.name;
    this.registerOutputs({ release: this.release, version: this.version, namespace: this.namespace });
  }
}
