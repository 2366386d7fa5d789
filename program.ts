/** The program: from the stack file to clusters. */
import pulumi from "@pulumi/pulumi";
import { generatedPasswords, knownLogins, passwordOutputs, withPassword } from "./components/generated-logins.ts";
import { Kcm } from "./components/kcm.ts";
import { managesItself } from "./components/kcm-release.ts";
import { Management } from "./components/management.ts";
import { ManagementCluster } from "./components/management-cluster.ts";
import { refuseTaken } from "./components/neighbours.ts";
import { NutanixCredential } from "./components/nutanix-credential.ts";
import { NutanixK0sCluster } from "./components/nutanix-k0s-cluster.ts";
import { NutanixProvider } from "./components/nutanix-provider.ts";
import { stackOutputs } from "./components/outputs.ts";
import { refuseForeign } from "./components/ownership.ts";
import { askBefore } from "./components/preflight.ts";
import { TrustBundle } from "./components/trust-bundle.ts";
import { readConfig } from "./config.ts";
import { stackManifests, stackSubjects } from "./manifests/stack.ts";

export default async function program(): Promise<Record<string, unknown>> {
  const config = readConfig();
  for (const warning of config.warnings) pulumi.log.warn(warning);
  const { settings, prismCentral, parts, timeouts, neighbours } = config;
  const passwords = generatedPasswords(config);
  const login = (cluster?: string) => withPassword(config.login(cluster), passwords);
  if (neighbours.length > 0) await refuseTaken(neighbours, stackSubjects(config, config.bundles), settings);
  await askBefore({ ...config, logins: await knownLogins(config.logins, passwords) });
  const cluster = new ManagementCluster(config.access);
  await cluster.verifyIdentity();
  await refuseForeign(cluster, stackManifests(config));

  const common = { settings, management: cluster, prismCentral };
  const provider = cluster.provider("management-cluster", { upsertExistingObjects: true });
  const kcm =
    parts.kcm && new Kcm("kcm", { ...common, ...parts.kcm, managesItself: await managesItself(cluster) }, { provider });
  const nutanix =
    parts.nutanix &&
    new NutanixProvider("nutanix", { ...common, ...parts.nutanix, ...login() }, { provider, dependsOn: kcm ?? [] });
  const templates = new Management(
    "management",
    { ...common, ...parts.management, release: kcm?.releaseName },
    { provider, dependsOn: nutanix ?? [] },
  );

  const clusters = Object.entries(config.clusters).map(([name, spec]) => {
    const opts = { provider, dependsOn: templates };
    const { csi, caCertificates } = config.addons(name);
    const { pem, ...objects } = config.objects(name);
    const own = { ...login(name), ...objects, csi };
    const credential = new NutanixCredential(
      `${name}-credential`,
      { cluster: name, ...common, ...own, timeout: timeouts.credential },
      opts,
    );
    const bundle = pem === undefined ? undefined : { cluster: name, ...common, ...objects, pem };
    const trustBundle = bundle && new TrustBundle(`${name}-trust-bundle`, bundle, opts);
    const args = { ...common, spec, credential, trustBundle, caCertificates, templates, timeout: timeouts.cluster };
    return [name, new NutanixK0sCluster(name, args, opts)] as const;
  });
  return { ...stackOutputs(Object.fromEntries(clusters)), ...passwordOutputs(config, passwords) };
}
