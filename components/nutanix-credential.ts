import pulumi from "@pulumi/pulumi";
import { type CredentialArgs, createCredential } from "./internal/credential-objects.ts";

export type NutanixCredentialArgs = CredentialArgs;

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
    const { credentialName, capxSecretName } = createCredential(name, args, { parent: this });
    this.credentialName = credentialName;
    this.capxSecretName = capxSecretName;
    this.registerOutputs({ credentialName: this.credentialName, capxSecretName: this.capxSecretName });
  }
}
