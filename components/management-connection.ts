import { Provider } from "@pulumi/kubernetes/provider.js";
import pulumi from "@pulumi/pulumi";
import { connectKubernetes, type KubernetesClient } from "../kubernetes/client.ts";
import { errorReason } from "../kubernetes/errors.ts";
import type { ApiAccess } from "../kubernetes/transport.ts";
import { KCM_HELM_RELEASE } from "../manifests/kcm-release-object.ts";
import { printableLine } from "../policy/rules/printable.ts";
import { Guards } from "./internal/guards.ts";
import { isTestRuntime } from "./internal/hooks.ts";
import { readinessErrorHook } from "./internal/readiness-error-hook.ts";
import { recordedClusterUid } from "./internal/recorded-cluster-uid.ts";
import { stackIdentity } from "./internal/with-ownership.ts";

const KUBE_SYSTEM = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } } as const;

/**
 * A connection to the management cluster: makes the Kubernetes provider of the program, and is used for what no resource can do:
 * guards, kubeconfigs and the reasons of failed waits. It is no resource and manages nothing.
 *
 * @example
 * const connection = new ManagementConnection({ kubeconfig: readFileSync("kubeconfig", "utf8") });
 * const provider = connection.provider();
 */
export class ManagementConnection {
  /** Checks before objects are created; components add what they create. */
  readonly guards = new Guards(() => this.api());
  readonly #access: ApiAccess;
  #api: Promise<KubernetesClient> | undefined;
  #readinessErrorHook: pulumi.ErrorHook[] | undefined;
  #clusterUid: Promise<string> | undefined;

  constructor(access: ApiAccess) {
    this.#access = access;
  }

  /** The client, connected on first use. Errors when the kubeconfig cannot be read. */
  api(): Promise<KubernetesClient> {
    this.#api ??= connectKubernetes(this.#access, "k0rdent-nutanix");
    return this.#api;
  }

  /** Hook of resources that are waited for: it logs the reason of a failed wait. */
  readinessErrorHook(): pulumi.ErrorHook[] {
    this.#readinessErrorHook ??= readinessErrorHook(() => this.api());
    return this.#readinessErrorHook;
  }

  /**
   * The Kubernetes provider of the program. The kubeconfig is a secret; the cluster's identity is fixed, so that another server
   * name in the kubeconfig replaces nothing. With `upsertExistingObjects`, existing objects are updated: an interrupted run can
   * continue. Set it only where the guards of a NutanixPlatform run, which let it update no objects of others.
   */
  provider(
    name = "management-cluster",
    { upsertExistingObjects = false }: { upsertExistingObjects?: boolean } = {},
    opts?: pulumi.CustomResourceOptions,
  ): Provider {
    const { kubeconfig, context } = this.#access;
    return new Provider(
      name,
      {
        ...(kubeconfig === undefined ? {} : { kubeconfig: pulumi.secret(kubeconfig) }),
        ...(context === undefined ? {} : { context }),
        clusterIdentifier: stackIdentity(),
        // The default of 50 calls a second slows a large preview down.
        kubeClientSettings: { qps: 200, burst: 400 },
        upsertExistingObjects,
        // A changed password or certificate updates the object: a replaced one would not exist for a moment, while CAPX watches.
        enableSecretMutable: true,
        enableConfigMapMutable: true,
      },
      opts,
    );
  }

  /**
   * UID of the namespace kube-system, which identifies the cluster.
   *
   * @throws RunError where the cluster does not answer.
   */
  clusterUid(): Promise<string> {
    this.#clusterUid ??= this.#readClusterUid();
    return this.#clusterUid;
  }

  /**
   * Whether kcm manages its own Helm release, which it does once there is a Management: Flux then reverts every revision of
   * others. True where the cluster is not reachable: only a first installation does not manage itself. A preview of a stack without
   * an up does not read it either, which would load the client for nothing.
   */
  async isSelfManaged(): Promise<boolean> {
    if (isTestRuntime()) return true;
    if (pulumi.runtime.isDryRun() && (await recordedClusterUid())?.uid === undefined) return true;
    try {
      return (await (await this.api()).get(KCM_HELM_RELEASE)) !== undefined;
    } catch {
      return true;
    }
  }

  async #readClusterUid(): Promise<string> {
    try {
      const namespace = await (await this.api()).get(KUBE_SYSTEM);
      if (namespace?.metadata.uid !== undefined) return namespace.metadata.uid;
      throw new Error("it has no namespace kube-system");
    } catch (error) {
      throw new pulumi.RunError(
        `management.kubeconfig: the management cluster does not answer (${printableLine(errorReason(error))}); check that it runs, and that file and context are correct`,
      );
    }
  }
}
