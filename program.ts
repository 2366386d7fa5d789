/** The program: from the stack file to clusters. */
import pulumi from "@pulumi/pulumi";
import { Kcm } from "./components/kcm.ts";
import { Management } from "./components/management.ts";
import { ManagementCluster } from "./components/management-cluster.ts";
import { NutanixCredential } from "./components/nutanix-credential.ts";
import { NutanixK0sCluster } from "./components/nutanix-k0s-cluster.ts";
import { NutanixProvider } from "./components/nutanix-provider.ts";
import { stackOutputs } from "./components/outputs.ts";
import { refuseForeign } from "./components/ownership.ts";
import { TrustBundle } from "./components/trust-bundle.ts";
import { readConfig } from "./config.ts";
import { stackManifests } from "./manifests/stack.ts";

export default async function program(): Promise<Record<string, unknown>> {
  const config = readConfig();
  for (const warning of config.warnings) pulumi.log.warn(warning);
  const { environment, prismCentral, parts, timeouts } = config;
  const cluster = new ManagementCluster(config.access);
  await cluster.verifyIdentity();
  await refuseForeign(cluster, stackManifests(config));

  const common = { settings: { environment }, management: cluster, prismCentral };
  const provider = cluster.provider("management-cluster", { upsertExistingObjects: true });
  const kcm = parts.kcm && new Kcm("kcm", { ...common, ...parts.kcm }, { provider });
  const nutanix =
    parts.nutanix &&
    new NutanixProvider(
      "nutanix",
      { ...common, ...parts.nutanix, ...config.login() },
      { provider, dependsOn: kcm ?? [] },
    );
  const templates = new Management(
    "management",
    { ...common, ...parts.management },
    { provider, dependsOn: nutanix ?? [] },
  );

  const clusters = Object.entries(config.clusters).map(([name, spec]) => {
    const opts = { provider, dependsOn: templates };
    const { csi, caCertificates } = config.addons(name);
    const login = { ...config.login(name), ...config.objects(name), csi };
    const credential = new NutanixCredential(
      `${name}-credential`,
      { cluster: name, ...common, ...login, timeout: timeouts.credential },
      opts,
    );
    const { pem } = config.objects(name);
    const trustBundle =
      pem === undefined
        ? undefined
        : new TrustBundle(`${name}-trust-bundle`, { cluster: name, ...common, ...config.objects(name), pem }, opts);
    const args = { ...common, spec, credential, trustBundle, caCertificates, templates, timeout: timeouts.cluster };
    return [name, new NutanixK0sCluster(name, args, opts)] as const;
  });
  return stackOutputs(Object.fromEntries(clusters));
}
