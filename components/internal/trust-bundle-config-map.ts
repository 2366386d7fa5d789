import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import pulumi from "@pulumi/pulumi";
import { trustBundle } from "../../manifests/trust-bundle-object.ts";
import type { ManagementConnection } from "../management-connection.ts";
import type { OwnedOptions } from "./credential-objects.ts";
import { withOwnership } from "./with-ownership.ts";

export interface BundleArgs {
  readonly configMapName: string;
  /** PEM text. */
  readonly pem: pulumi.Input<string>;
  readonly connection?: ManagementConnection | undefined;
}

/** Creates the ConfigMap that CAPX reads CA certificates from. */
export function createTrustBundle(
  name: string,
  { configMapName, pem, connection }: BundleArgs,
  { dependsOn = [], ...owner }: OwnedOptions,
): ConfigMap {
  const manifest = trustBundle(configMapName, "");
  return new ConfigMap(
    name,
    {
      metadata: withOwnership(manifest),
      data: pulumi.output(pem).apply((text) => ({ ...trustBundle(configMapName, text).data })),
    },
    {
      ...owner,
      dependsOn: [...dependsOn],
      hooks: { beforeCreate: connection?.guards.protect({ manifests: [manifest] }) ?? [] },
    },
  );
}
