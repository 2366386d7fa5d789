import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import pulumi from "@pulumi/pulumi";
import type { Config } from "../manifests/cluster-config.ts";
import { clusterTemplates } from "../manifests/cluster-deployment.ts";
import { unmanagedSelector } from "../manifests/conflicts.ts";
import {
  type ChartSource,
  managementConditions,
  management as managementObject,
  nutanixEntry,
  type ProviderEntry,
  type TrustBundles,
} from "../manifests/management-object.ts";
import { STACK_LABEL } from "../manifests/manifest.ts";
import { type Mode, NAMESPACE } from "../manifests/names.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { DEFAULT_KCM_VERSION } from "../policy/rules/versions.ts";
import { PRODUCTION } from "./internal/enforce.ts";
import { errorHook, isTestRuntime } from "./internal/hooks.ts";
import { keepTrustBundles } from "./internal/keep-trust-bundles.ts";
import { log } from "./internal/log.ts";
import { providerEntryHooks } from "./internal/provider-entry.ts";
import { updatePolicyHook } from "./internal/update-policy-hook.ts";
import { waitMarker } from "./internal/wait-marker.ts";
import { customResource, stackIdentity } from "./internal/with-ownership.ts";
import type { ManagementConnection } from "./management-connection.ts";

export interface ManagementArgs {
  /** kcm version: names kcm's Release. @default "1.2.0" */
  readonly kcmVersion?: string;
  /** Name of kcm's Release, known once it can be named. @default by the kcm version */
  readonly release?: pulumi.Input<string> | undefined;
  /** CAPX version. @default the one that goes with the kcm version */
  readonly capxVersion?: string | undefined;
  /**
   * PEM texts of CA certificates that CAPX trusts, by name: of clusters by the cluster's, which are kept until it is deleted.
   * @default those of its image
   */
  readonly trustBundles?: TrustBundles | undefined;
  /** kcm's Helm values, merged over the ones that this project sets. @default none */
  readonly kcmValues?: Config | undefined;
  /** Whether to enable Cluster API's feature gate ClusterTopology; only with full ownership. @default false */
  readonly clusterTopology?: boolean;
  /** Providers in addition to k0smotron, sveltos and nutanix. @default none */
  readonly providers?: readonly ProviderEntry[];
  /**
   * What this stack owns of Management: `full` is all of it; `providerEntry` adds our provider to an existing one and removes it
   * on destroy (which then needs --run-program); `none` changes nothing, since another stack adds the provider. @default "full"
   */
  readonly ownership?: "full" | "providerEntry" | "none";
  /** Chart of provider and templates: this package's, or a custom one that installs CAPX and its own templates. @default "package" */
  readonly chartSource?: ChartSource;
  /** Required for the ownership `providerEntry`; checks for conflicts and explains failures. @default none */
  readonly connection?: ManagementConnection | undefined;
  /** Seconds for Management and its providers to become ready. @default 300 */
  readonly timeout?: number;
  /** Seconds for a ClusterTemplate to become valid after it. @default 180 */
  readonly templateTimeout?: number;
  /** What the enforcement of policies depends on. @default production */
  readonly settings?: PolicySettings;
}

/**
 * k0rdent's Management object `kcm`: which providers run. Ready means that each provider it names is installed, not only what kcm
 * reports, and that the ClusterTemplates are valid. Never replaced: deleting it uninstalls what kcm manages.
 *
 * @example
 * const management = new Management("management", { kcmVersion: "1.2.0", connection }, { provider, dependsOn: capx });
 */
export class Management extends pulumi.ComponentResource {
  /** Names of the ClusterTemplates, by mode, known once they are valid. */
  public readonly clusterTemplates: Readonly<Record<Mode, pulumi.Output<string>>>;

  constructor(name: string, args: ManagementArgs, opts?: pulumi.ComponentResourceOptions) {
    super("k0rdent-nutanix:index:Management", name, {}, opts);
    const dependsOn = this.#providers(name, args);
    const valid = (mode: Mode) => this.#validTemplate(name, mode, { args, dependsOn });
    this.clusterTemplates = { hcp: valid("hcp"), standalone: valid("standalone") };
    this.registerOutputs({ clusterTemplates: this.clusterTemplates });
  }

  /** What installs the providers: the ClusterTemplates become valid after it. */
  #providers(name: string, args: ManagementArgs): pulumi.Resource[] {
    switch (args.ownership ?? "full") {
      case "full":
        return [this.#management(name, args)];
      case "providerEntry":
        return args.chartSource === "custom" ? [] : [this.#providerEntry(name, args)];
      case "none":
        return [];
    }
  }

  #management(name: string, args: ManagementArgs): CustomResource {
    const manifest = managementObject({
      kcmVersion: args.kcmVersion ?? DEFAULT_KCM_VERSION,
      capxVersion: args.capxVersion,
      trustBundles: args.trustBundles,
      kcmValues: args.kcmValues,
      providers: args.providers ?? [],
      chartSource: args.chartSource,
      clusterTopology: args.clusterTopology,
    });
    const { connection, settings = PRODUCTION } = args;
    const timeout = `${args.timeout ?? 300}s`;
    const providers = manifest.spec?.["providers"] as readonly ProviderEntry[];
    const isUpdate = !pulumi.runtime.isDryRun() && !isTestRuntime();
    return new CustomResource(
      name,
      {
        ...customResource(manifest, managementConditions(manifest)),
        spec: {
          ...manifest.spec,
          ...(args.release === undefined ? {} : { release: args.release }),
          ...(isUpdate && connection
            ? { providers: connection.api().then((api) => keepTrustBundles(api, providers)) }
            : {}),
        },
      },
      {
        parent: this,
        customTimeouts: { create: timeout, update: timeout, delete: "600s" },
        hooks: {
          beforeUpdate: updatePolicyHook(name, { at: "management", object: manifest }, settings),
          ...(connection && {
            beforeCreate: connection.guards.protect({ manifests: [manifest] }),
            onError: [...connection.readinessErrorHook(), ...explainBlockedDelete(name, connection)],
          }),
        },
      },
    );
  }

  /** Our entry of an existing Management: added before, and removed after, the annotation that the state has in its place. */
  #providerEntry(name: string, args: ManagementArgs): CustomResourcePatch {
    const { connection, kcmVersion = DEFAULT_KCM_VERSION, capxVersion, trustBundles } = args;
    if (connection === undefined) {
      throw new pulumi.RunError(
        `${name}: ownership "providerEntry" changes an object that this stack does not manage; set connection`,
      );
    }
    const entry = nutanixEntry({ kcmVersion, capxVersion, trustBundles });
    const entries = [entry, ...(args.providers ?? [])];
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
      { parent: this, hooks: providerEntryHooks(name, connection, { entries, timeout: args.timeout ?? 300 }) },
    );
  }

  /** Waits for a template that the Helm release creates, by a mark on it: only a resource can wait after Management. */
  #validTemplate(
    name: string,
    mode: Mode,
    { args, dependsOn }: { args: ManagementArgs; dependsOn: pulumi.Resource[] },
  ): pulumi.Output<string> {
    const template = clusterTemplates(args.chartSource !== "custom")[mode];
    const reference = {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "ClusterTemplate",
      metadata: { name: template, namespace: NAMESPACE },
    };
    const timeout = `${args.templateTimeout ?? 180}s`;
    const patch = new CustomResourcePatch(
      `${name}-${mode}-template`,
      { ...reference, metadata: waitMarker(reference, "jsonpath={.status.valid}=true") },
      {
        parent: this,
        dependsOn,
        customTimeouts: { create: timeout, update: timeout },
        hooks: { onError: args.connection?.readinessErrorHook() ?? [] },
      },
    );
    // Through the id, which a first preview does not know: else kcm's admission would reject a template that does not exist yet.
    return patch.id.apply(() => template);
  }
}

/** What kcm manages for other stacks, and what is deleted with kcm. */
const KINDS = ["ClusterDeployment", "Credential"] as const;
/** How many objects a message names. */
const NAMED = 10;

/**
 * Names the clusters and credentials of other stacks that block the deletion of Management: kcm rejects it and names none.
 * CAPX and kcm, which are deleted after Management, then stay too. Only a destroy with --run-program has the hook.
 */
function explainBlockedDelete(name: string, connection: ManagementConnection): pulumi.ErrorHook[] {
  const identity = stackIdentity();
  return errorHook(`${name}-explain-blocked-delete`, async ({ failedOperation }) => {
    if (failedOperation !== "delete") return;
    const others = await objectsOfOthers(connection, identity).catch(() => []);
    if (others.length > 0) await log.error(blockedBy(others));
  });
}

async function objectsOfOthers(connection: ManagementConnection, identity: string): Promise<string[]> {
  const api = await connection.api();
  const apiVersion = "k0rdent.mirantis.com/v1beta1";
  const lists = await Promise.all(
    KINDS.map((kind) => api.list({ apiVersion, kind }, { labelSelector: unmanagedSelector(identity) })),
  );
  return lists
    .flatMap((list) => list ?? [])
    .map(({ kind, metadata: { name, namespace, labels } }) => {
      const owner = labels?.[STACK_LABEL];
      return `${kind} ${namespace}/${name}${owner === undefined ? "" : ` of the stack ${owner}`}`;
    });
}

function blockedBy(others: readonly string[]): string {
  const rest = others.length - NAMED;
  const named = [...others.slice(0, NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return `Management kcm, CAPX and kcm are not deleted, because objects that this stack does not manage need them: ${named}; delete those first, with the stack that created them, and destroy again`;
}
