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
} from "../../manifests/credential.ts";
import { KCM_COMPONENT, type Manifest } from "../../manifests/manifest.ts";
import { clusterNames, NAMESPACE } from "../../manifests/names.ts";
import { loginFollows } from "../../manifests/rotation-notes.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { rotationHooks } from "./rotation-hook.ts";
import { customResource, withOwnership } from "./with-ownership.ts";

export interface CredentialArgs {
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
  /** Whether the cluster has Nutanix's cloud controller manager, which gets a copy of the login. @default false */
  readonly ccm?: boolean | undefined;
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

/** The component that resources belong to, and what they are created after. */
export interface OwnedOptions {
  readonly parent: pulumi.Resource;
  readonly dependsOn?: readonly pulumi.Resource[];
}

/** What depends on a login: ready once `resources` are. */
export interface CredentialObjects {
  readonly credentialName: pulumi.Output<string>;
  /** undefined with global credentials. */
  readonly capxSecretName: pulumi.Output<string | undefined>;
  readonly resources: readonly pulumi.Resource[];
}

/** Creates the identity Secret, its Credential, what kcm copies into the workload cluster, and CAPX's own Secret. */
export function createCredential(
  name: string,
  args: CredentialArgs,
  { dependsOn = [], ...owner }: OwnedOptions,
): CredentialObjects {
  const { cluster, ccm = false, csi, connection, capxSecret } = args;
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
      { ...owner, dependsOn: [...dependsOn], hooks: { beforeCreate: beforeCreate(manifest), ...hooks } },
    );
  };

  const identity = secret("identity", names.identity, {
    labels: { ...CAPX_LABEL, ...KCM_COMPONENT },
    data: csi === undefined ? {} : { [CSI_KEY]: pulumi.secret(login.apply((known) => csiText(known, csi))) },
    hooks: rotationHooks(names.identity, loginFollows(cluster, { ccm, csi: csi !== undefined })),
  });
  const capx = capxSecret === undefined ? undefined : secret("capx-secret", capxSecret, { labels: CAPX_LABEL });
  const template = resourceTemplate(cluster, { ccm, csi });
  const propagated =
    template === undefined
      ? []
      : [
          new ConfigMap(
            `${name}-resource-template`,
            { metadata: withOwnership(template), data: { ...template.data } },
            { ...owner, dependsOn: [...dependsOn], hooks: { beforeCreate: beforeCreate(template) } },
          ),
        ];
  const manifest = credential(cluster);
  const timeout = `${args.timeout ?? 60}s`;
  const resource = new CustomResource(name, customResource(manifest, ["jsonpath={.status.ready}=true"]), {
    ...owner,
    dependsOn: [...dependsOn, identity, ...propagated],
    customTimeouts: { create: timeout, update: timeout },
    hooks: { beforeCreate: beforeCreate(manifest), onError: connection?.readinessErrorHook() ?? [] },
  });
  return {
    // Through the id, which a first preview does not know: else kcm's admission would reject a Credential that does not exist yet.
    credentialName: resource.id.apply(() => names.credential),
    capxSecretName: pulumi.output(capx?.metadata.name),
    resources: [resource, ...(capx === undefined ? [] : [capx])],
  };
}
