import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import pulumi from "@pulumi/pulumi";
import {
  CAPX_LABEL,
  CSI_KEY,
  type CsiAccess,
  credential,
  credentialsText,
  csiText,
  resourceTemplate,
} from "../manifests/credential.ts";
import { KCM_COMPONENT, type Manifest } from "../manifests/manifest.ts";
import { clusterNames, NAMESPACE } from "../manifests/names.ts";
import { loginFollows } from "../manifests/rotation-notes.ts";
import { rotationHooks } from "./internal/rotation-hook.ts";
import { withOwnership } from "./internal/with-ownership.ts";
import type { ManagementConnection } from "./management-connection.ts";

export interface NutanixCredentialArgs {
  /** Name of the cluster that the credential is for. */
  readonly cluster: string;
  /** Prism Central user. Kept as a secret. */
  readonly username: pulumi.Input<string>;
  /** Its password. Kept as a secret. */
  readonly password: pulumi.Input<string>;
  /**
   * Name of the Secret that CAPX adopts, and deletes with the cluster.
   * @default none: the cluster uses the credentials that CAPX is installed with
   */
  readonly capxSecret?: string | undefined;
  /** What the cluster's CSI driver logs in to. @default none: the cluster has no CSI driver of this project */
  readonly csi?: CsiAccess | undefined;
  /** Checks for conflicts, and explains why the Credential does not become ready. @default none */
  readonly connection?: ManagementConnection | undefined;
  /** Seconds for the Credential to become ready. @default 60 */
  readonly timeout?: number;
}

interface SecretParts {
  readonly labels: Readonly<Record<string, string>>;
  readonly data?: object;
  readonly hooks?: pulumi.ResourceHookBinding;
}

/**
 * The login of one cluster: the identity Secret, its Credential, what kcm copies of it into the workload cluster, and CAPX's own
 * copy. The two Secrets are always separate: CAPX deletes its own with the cluster, before the Credential is deleted.
 *
 * @example
 * new NutanixCredential("edge-credential", { cluster: "edge", username: "svc-edge", password: config.requireSecret("password") }, { provider });
 */
export class NutanixCredential extends pulumi.ComponentResource {
  /** Name of the Credential, known once it is ready: what depends on it is created after it. */
  public readonly credentialName: pulumi.Output<string>;
  /** Name of CAPX's Secret; undefined with global credentials. */
  public readonly capxSecretName: pulumi.Output<string | undefined>;

  constructor(name: string, args: NutanixCredentialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("k0rdent-nutanix:index:NutanixCredential", name, {}, opts);
    const { cluster, csi, connection, capxSecret } = args;
    const names = clusterNames(cluster);
    const login = pulumi.all([args.username, args.password]).apply(([username, password]) => ({ username, password }));
    const credentials = pulumi.secret(login.apply(credentialsText));
    const beforeCreate = (manifest: Manifest) => connection?.guards.protect({ manifests: [manifest] }) ?? [];
    const secret = (noun: string, secretName: string, { labels, data, hooks }: SecretParts) => {
      const metadata = { name: secretName, namespace: NAMESPACE, labels };
      const manifest = { apiVersion: "v1", kind: "Secret", metadata };
      return new Secret(
        `${name}-${noun}`,
        { metadata: withOwnership(manifest), stringData: { credentials, ...data } },
        { parent: this, hooks: { beforeCreate: beforeCreate(manifest), ...hooks } },
      );
    };

    const identity = secret("identity", names.identity, {
      labels: { ...CAPX_LABEL, ...KCM_COMPONENT },
      data: csi === undefined ? {} : { [CSI_KEY]: pulumi.secret(login.apply((known) => csiText(known, csi))) },
      hooks: rotationHooks(names.identity, loginFollows(cluster, csi !== undefined)),
    });
    const capx = capxSecret === undefined ? undefined : secret("capx-secret", capxSecret, { labels: CAPX_LABEL });
    const template = resourceTemplate(cluster, csi);
    const propagated = new ConfigMap(
      `${name}-resource-template`,
      { metadata: withOwnership(template), data: { ...template.data } },
      { parent: this, hooks: { beforeCreate: beforeCreate(template) } },
    );
    const manifest = credential(cluster);
    const timeout = `${args.timeout ?? 60}s`;
    const resource = new CustomResource(
      name,
      {
        apiVersion: manifest.apiVersion,
        kind: manifest.kind,
        metadata: withOwnership(manifest, ["jsonpath={.status.ready}=true"]),
        spec: manifest.spec,
      },
      {
        parent: this,
        dependsOn: [identity, propagated],
        customTimeouts: { create: timeout, update: timeout },
        hooks: { beforeCreate: beforeCreate(manifest), onError: connection?.readinessErrorHook() ?? [] },
      },
    );
    // Through the id, which a first preview does not know: else kcm's admission would reject a Credential that does not exist yet.
    this.credentialName = resource.id.apply(() => names.credential);
    this.capxSecretName = pulumi.output(capx?.metadata.name);
    this.registerOutputs({ credentialName: this.credentialName, capxSecretName: this.capxSecretName });
  }
}
