/** The program: from the stack file to clusters. */
import pulumi from "@pulumi/pulumi";
import { Capx } from "./components/capx.ts";
import { isSelfManaged } from "./components/internal/ensure-release.ts";
import {
  generatedPasswords,
  knownLogins,
  passwordOutputs,
  withPassword,
} from "./components/internal/generated-credentials.ts";
import { assertEndpointsNotUsedByPeers } from "./components/internal/peer-stacks.ts";
import { runPreflightBeforeUpdate } from "./components/internal/run-preflight.ts";
import { stackOutputs } from "./components/internal/stack-outputs.ts";
import { assertNoConflicts } from "./components/internal/with-ownership.ts";
import { Kcm } from "./components/kcm.ts";
import { Management } from "./components/management.ts";
import { ManagementConnection } from "./components/management-connection.ts";
import { NutanixCredential } from "./components/nutanix-credential.ts";
import { NutanixK0sCluster } from "./components/nutanix-k0s-cluster.ts";
import { TrustBundle } from "./components/trust-bundle.ts";
import { readConfig } from "./config.ts";
import { stackManifests, stackTargets } from "./manifests/stack-manifests.ts";

export default async function program(): Promise<Record<string, unknown>> {
  const config = readConfig();
  for (const warning of config.warnings) pulumi.log.warn(warning);
  const { settings, prismCentral, parts, timeouts, peerStacks } = config;
  const passwords = generatedPasswords(config);
  const login = (cluster?: string) => withPassword(config.login(cluster), passwords);
  if (peerStacks.length > 0)
    await assertEndpointsNotUsedByPeers(peerStacks, stackTargets(config, config.bundles), settings);
  await runPreflightBeforeUpdate({ ...config, logins: await knownLogins(config.logins, passwords) });
  const cluster = new ManagementConnection(config.access);
  await cluster.verifyIdentity();
  await assertNoConflicts(cluster, stackManifests(config));

  const common = { settings, management: cluster, prismCentral };
  const provider = cluster.provider("management-cluster", { upsertExistingObjects: true });
  const kcm =
    parts.kcm && new Kcm("kcm", { ...common, ...parts.kcm, managesItself: await isSelfManaged(cluster) }, { provider });
  const nutanix =
    parts.nutanix &&
    new Capx("nutanix", { ...common, ...parts.nutanix, ...login() }, { provider, dependsOn: kcm ?? [] });
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
