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
import { KCM_COMPONENT } from "../manifests/manifest.ts";
import { clusterNames, NAMESPACE } from "../manifests/names.ts";
import { loginFollows } from "../manifests/rotation-notes.ts";
import { onRotation } from "./internal/rotation-hook.ts";
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
   * Name of the Secret that CAPX will own, and delete with the cluster.
   * @default none: the cluster uses the credentials that CAPX is installed with
   */
  readonly capxSecret?: string | undefined;
  /** What the cluster's CSI driver logs in to. @default none: the cluster has no CSI driver of this project */
  readonly csi?: CsiAccess | undefined;
  /** Seconds for the Credential to become ready. @default 60 */
  readonly timeout?: number;
  /** Asked why, when the Credential does not become ready. @default none */
  readonly management?: ManagementConnection;
}

interface SecretParts {
  readonly labels: Record<string, string>;
  readonly data?: object;
  readonly opts?: pulumi.CustomResourceOptions;
}

/**
 * The login of one cluster: the identity Secret, the Credential on it, what kcm copies of it into the workload cluster, and
 * CAPX's own copy. The two Secrets are never one: CAPX deletes its own with the cluster, and the Credential must outlive that.
 *
 * @example
 * new NutanixCredential("edge-credential", { cluster: "edge", username: "svc-edge", password: config.requireSecret("password") }, { provider });
 */
export class NutanixCredential extends pulumi.ComponentResource {
  /** Name of the Credential, known once it is ready: what depends on it is sent no earlier. */
  public readonly credentialName: pulumi.Output<string>;
  /** Name of CAPX's Secret; undefined with global credentials. */
  public readonly capxSecretName: pulumi.Output<string | undefined>;

  constructor(name: string, args: NutanixCredentialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("k0rdent-nutanix:index:NutanixCredential", name, {}, opts);
    const parent = { parent: this };
    const names = clusterNames(args.cluster);
    const { csi } = args;
    const login = pulumi.all([args.username, args.password]).apply(([username, password]) => ({ username, password }));
    const credentials = pulumi.secret(login.apply(credentialsText));
    const forCsi = csi === undefined ? {} : { [CSI_KEY]: pulumi.secret(login.apply((known) => csiText(known, csi))) };
    const secret = (noun: string, secretName: string, more: SecretParts) =>
      new Secret(
        `${name}-${noun}`,
        {
          metadata: withOwnership({
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: secretName, namespace: NAMESPACE, labels: more.labels },
          }),
          stringData: { credentials, ...more.data },
        },
        { ...parent, ...more.opts },
      );

    const identity = secret("identity", names.identity, {
      labels: { ...CAPX_LABEL, ...KCM_COMPONENT },
      data: forCsi,
      opts: onRotation(names.identity, loginFollows(args.cluster, csi !== undefined)),
    });
    const capx =
      args.capxSecret === undefined ? undefined : secret("capx-secret", args.capxSecret, { labels: CAPX_LABEL });
    const template = resourceTemplate(args.cluster, csi);
    const propagated = new ConfigMap(
      `${name}-resource-template`,
      { metadata: withOwnership(template), data: { ...template.data } },
      parent,
    );
    const manifest = credential(args.cluster);
    const resource = new CustomResource(
      name,
      {
        apiVersion: manifest.apiVersion,
        kind: manifest.kind,
        metadata: withOwnership(manifest, ["jsonpath={.status.ready}=true"]),
        spec: manifest.spec,
      },
      {
        ...parent,
        dependsOn: [identity, propagated],
        customTimeouts: { create: `${args.timeout ?? 60}s`, update: `${args.timeout ?? 60}s` },
        ...args.management?.readinessErrorHook(),
      },
    );
    // By way of the id, which a first preview does not know: else a living kcm is asked about a Credential that is not there yet.
    this.credentialName = resource.id.apply(() => names.credential);
    this.capxSecretName = pulumi.output(capx?.metadata.name);
    this.registerOutputs({ credentialName: this.credentialName, capxSecretName: this.capxSecretName });
  }
}
