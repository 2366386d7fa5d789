import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import pulumi from "@pulumi/pulumi";
import type { Config } from "../manifests/cluster-config.ts";
import { clusterTemplates } from "../manifests/cluster-deployment.ts";
import { management, managementConditions, nutanixEntry, type ProviderEntry } from "../manifests/management-object.ts";
import { type Mode, NAMESPACE } from "../manifests/names.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { DEFAULT_KCM_VERSION } from "../policy/rules/versions.ts";
import { adoption } from "./internal/adoption.ts";
import { explainBlockedDelete } from "./internal/explain-blocked-delete.ts";
import { withHooks } from "./internal/hooks.ts";
import { updatePolicyHook } from "./internal/update-policy-hook.ts";
import { waitMarker } from "./internal/wait-marker.ts";
import { stackIdentity, withOwnership } from "./internal/with-ownership.ts";
import type { ManagementConnection } from "./management-connection.ts";

export interface ManagementArgs {
  /** kcm version: names kcm's Release. @default "1.2.0" */
  readonly kcmVersion?: string;
  /** Name of kcm's Release, known once it can be named. @default by the kcm version */
  readonly release?: pulumi.Input<string> | undefined;
  /** CAPX version. @default the one that goes with the kcm version */
  readonly capxVersion?: string | undefined;
  /** kcm's Helm values, merged over the ones that this project sets. @default none */
  readonly kcmValues?: Config | undefined;
  /** Whether Cluster API's gate ClusterTopology is switched on; only where all of Management is ours. @default false */
  readonly clusterTopology?: boolean;
  /** Providers beside k0smotron, sveltos and nutanix. @default none */
  readonly providers?: readonly ProviderEntry[];
  /**
   * How much of Management is ours: `own` is all of it; `entry` adds our provider to somebody else's and takes it out again on
   * destroy (which then needs --run-program); `none` leaves it alone, since another stack brings the provider. @default "own"
   */
  readonly part?: "own" | "entry" | "none";
  /** Whether provider and templates come from this project's chart; another brings CAPX and its own templates. @default true */
  readonly isOwnChart?: boolean;
  /** Needed for part `entry`; asked why, when something does not become ready. @default none */
  readonly management?: ManagementConnection;
  /** Seconds for Management and its providers to become ready. @default 300 */
  readonly timeout?: number;
  /** Seconds for a ClusterTemplate to become valid after it. @default 180 */
  readonly templateTimeout?: number;
  /** What the strictness of rules depends on. @default production */
  readonly settings?: PolicySettings;
}

/**
 * k0rdent's Management object `kcm`: which providers run. Ready means that each provider named is installed, not only that kcm
 * says so; and then that the ClusterTemplates are valid. Never replaced: deleting it un-installs what kcm manages.
 *
 * @example
 * new Management("management", { kcmVersion: "1.2.0", management: cluster }, { provider, dependsOn: nutanix });
 */
export class Management extends pulumi.ComponentResource {
  /** Names of the ClusterTemplates, by mode, known once they are valid. */
  public readonly clusterTemplates: Readonly<Record<Mode, pulumi.Output<string>>>;

  constructor(name: string, args: ManagementArgs, opts?: pulumi.ComponentResourceOptions) {
    super("k0rdent-nutanix:index:Management", name, {}, opts);
    const ready = this.#ready(name, args);
    const valid = (mode: Mode) => this.#validTemplate(name, mode, { args, ready });
    this.clusterTemplates = { hcp: valid("hcp"), standalone: valid("standalone") };
    this.registerOutputs({ clusterTemplates: this.clusterTemplates });
  }

  /** What must be there before the ClusterTemplates can become valid. */
  #ready(name: string, args: ManagementArgs): pulumi.Resource[] {
    const part = args.part ?? "own";
    const isOwnChart = args.isOwnChart ?? true;
    if (part === "none" || (part === "entry" && !isOwnChart)) return [];
    if (part === "entry") return [this.#entry(name, args)];
    const manifest = management({
      kcmVersion: args.kcmVersion ?? DEFAULT_KCM_VERSION,
      capxVersion: args.capxVersion,
      kcmValues: args.kcmValues,
      providers: args.providers ?? [],
      hasEntry: isOwnChart,
      clusterTopology: args.clusterTopology,
    });
    const timeout = `${args.timeout ?? 300}s`;
    const settings = args.settings ?? { environment: "production" };
    const subject = { at: "management", object: manifest };
    return [
      new CustomResource(
        name,
        {
          apiVersion: manifest.apiVersion,
          kind: manifest.kind,
          metadata: withOwnership(manifest, managementConditions(manifest)),
          spec: { ...manifest.spec, ...(args.release === undefined ? {} : { release: args.release }) },
        },
        {
          parent: this,
          customTimeouts: { create: timeout, update: timeout, delete: "600s" },
          hooks: {
            ...(args.management && {
              onError: [args.management.readinessErrorHook(), explainBlockedDelete(args.management)].flatMap(
                ({ hooks }) => hooks.onError ?? [],
              ),
            }),
            ...withHooks(() => ({ beforeUpdate: [updatePolicyHook(name, subject, settings)] })).hooks,
          },
        },
      ),
    ];
  }

  /** Somebody else's Management: our entry is added before, and taken out after, the mark that stands for it in the state. */
  #entry(name: string, args: ManagementArgs): pulumi.Resource {
    if (args.management === undefined) {
      throw new pulumi.RunError(
        `${name}: part "entry" changes an object that is not ours; give the management cluster that it is in`,
      );
    }
    const entry = nutanixEntry({ kcmVersion: args.kcmVersion ?? DEFAULT_KCM_VERSION, capxVersion: args.capxVersion });
    return new CustomResourcePatch(
      `${name}-entry`,
      {
        apiVersion: "k0rdent.mirantis.com/v1beta1",
        kind: "ProviderTemplate",
        metadata: {
          name: entry.template ?? entry.name,
          annotations: { "k0rdent-nutanix/provider-of": stackIdentity() },
        },
      },
      { parent: this, ...adoption(args.management, [entry, ...(args.providers ?? [])], args.timeout ?? 300) },
    );
  }

  /** Waits for a template that the Helm release made: by way of a mark on it, since what waits must come after Management. */
  #validTemplate(
    name: string,
    mode: Mode,
    { args, ready }: { args: ManagementArgs; ready: pulumi.Resource[] },
  ): pulumi.Output<string> {
    const template = clusterTemplates(args.isOwnChart ?? true)[mode];
    const reference = {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "ClusterTemplate",
      metadata: { name: template, namespace: NAMESPACE },
    };
    const timeout = `${args.templateTimeout ?? 180}s`;
    const patch = new CustomResourcePatch(
      `${name}-${mode}-template`,
      {
        ...reference,
        metadata: waitMarker(reference, "jsonpath={.status.valid}=true"),
      },
      {
        parent: this,
        dependsOn: ready,
        customTimeouts: { create: timeout, update: timeout },
        ...args.management?.readinessErrorHook(),
      },
    );
    // By way of the id, which a first preview does not know: else a living kcm is asked about a template that is not there yet.
    return patch.id.apply(() => template);
  }
}
