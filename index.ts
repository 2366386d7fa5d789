/** The program: from the stack file to clusters. */
import { evaluatedClusters } from "./components/internal/enforce.ts";
import { GeneratedCredentials } from "./components/internal/generated-credentials.ts";
import { log } from "./components/internal/log.ts";
import { runPreflightBeforeUpdate } from "./components/internal/run-preflight.ts";
import { stackOutputs } from "./components/internal/stack-outputs.ts";
import { stackServices } from "./components/internal/stack-services.ts";
import { ManagementConnection } from "./components/management-connection.ts";
import { NutanixK0sCluster } from "./components/nutanix-k0s-cluster.ts";
import { NutanixPlatform } from "./components/nutanix-platform.ts";
import { readConfig } from "./config/index.ts";

export default async function program(): Promise<Record<string, unknown>> {
  const config = readConfig();
  for (const warning of config.warnings) log.warn(warning);
  const credentials = new GeneratedCredentials(config);
  await runPreflightBeforeUpdate({ ...config, logins: await credentials.known() });

  const connection = new ManagementConnection(config.access);
  const provider = connection.provider("management-cluster", { upsertExistingObjects: true });
  const { prismCentral, management, capx, bundles: trustBundles, clusterTopology, peerStacks, settings } = config;
  const login = credentials.complete(config.login());
  const selfManaged = await connection.isSelfManaged();
  const parts = { prismCentral, login, management, capx, trustBundles, clusterTopology, peerStacks, settings };
  const platform = new NutanixPlatform("platform", { connection, ...parts, selfManaged }, { provider });
  const serviceTemplates = stackServices(config, platform, { provider });
  const clusters = Object.entries(evaluatedClusters(config.clusters)).map(([name, spec]) => {
    const args = { platform, spec, serviceTemplates, login: credentials.complete(config.login(name)) };
    return [name, new NutanixK0sCluster(name, args, { provider })] as const;
  });
  return { ...stackOutputs(Object.fromEntries(clusters)), ...credentials.outputs() };
}
