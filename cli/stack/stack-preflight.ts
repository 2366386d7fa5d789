/** The preflight of `npm start`: Prism Central is played by a stand-in that has what the stack names. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { managementAccess } from "../../components/internal/run-preflight.ts";
import { prismCentralOf } from "../../manifests/cluster-config.ts";
import type { RecordedCluster } from "../../preflight/check.ts";
import { preflight } from "../../preflight/index.ts";
import type { PreflightReport } from "../../preflight/preflight-report.ts";
import { permissionsOf } from "../../preflight/prism-central/capx-requirements.ts";
import { type Certificates, serverCertificates } from "../../sandbox/controllers/webhook-certificates.ts";
import { startPrismCentral } from "../../sandbox/prism-central/stand-in-server.ts";
import { stateOfStack } from "../../sandbox/prism-central/state-of-stack.ts";
import { chartRenderer } from "./chart-renderer.ts";
import { sandboxFolder } from "./paths.ts";
import { readPlainStack } from "./stack-config.ts";
import { type OpenedLogins, openLogins } from "./stack-credentials.ts";

export interface Asked {
  readonly stack: string;
  /** Name of the sandbox. */
  readonly sandbox: string;
  /** Absolute path of Helm. */
  readonly helm: string;
}

export interface AskFirstOptions {
  /** What the stack's state remembers. */
  readonly remembered: RecordedCluster;
  readonly signal: AbortSignal;
}

/** Asks every check of a stack that leads to a sandbox, but for the one that asks a network which the sandbox has not. */
export type AskFirst = (options: AskFirstOptions) => Promise<PreflightReport>;

/** Everything that can be done before the sandbox is up. The stack has to be in the state already: the engine opens its logins. */
export async function prepareToAsk({ stack: name, sandbox, helm }: Asked): Promise<AskFirst> {
  const directory = join(sandboxFolder(sandbox), "prism-central");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { config, ...named } = await readPlainStack(name);
  const { prismCentral, clusters } = config;
  const played = [prismCentral, ...Object.values(clusters).map((cluster) => prismCentralOf(cluster, prismCentral))];
  const [logins, certificates] = await Promise.all([
    openLogins(name, named),
    serverCertificates({ helm, directory, hosts: played.map(({ address }) => address) }),
    // Loaded by whoever calls the API server first.
    import("@kubernetes/client-node"),
  ]);
  return (options) => askFirst({ stack: name, helm, logins, certificates, ...options });
}

interface Prepared extends AskFirstOptions, Pick<Asked, "stack" | "helm"> {
  readonly logins: OpenedLogins;
  readonly certificates: Certificates;
}

async function askFirst(prepared: Prepared): Promise<PreflightReport> {
  const { stack: name, helm, remembered, signal, logins } = prepared;
  const { ca, cert, key } = prepared.certificates;
  // Read again, since only now its kubeconfig is there.
  const { project, config } = await readPlainStack(name);
  const { access, bundles, ...stack } = config;
  const users = [...logins.byEntry.values()].map(({ username, password }) => ({
    username: username.open(),
    password: password.open(),
    role: { name: "CAPX", permissions: [...permissionsOf("1.7.0"), ...permissionsOf("1.8.0")] },
  }));
  const standIn = await startPrismCentral({ state: stateOfStack(stack, users), certificate: `${cert}\n${key}` });
  try {
    return await preflight({
      stack,
      // The certificates of the stack file are those of the Prism Central that is played here.
      bundles: Object.fromEntries(Object.keys(bundles).map((at) => [at, ca])),
      identity: `${project}.${name}`,
      login: (entry) => logins.byEntry.get(entry),
      management: { ...(await managementAccess(access)), recorded: remembered },
      renderChart: chartRenderer(helm),
      skips: [{ id: "endpoint-is-unused", reason: "the sandbox has no network of machines" }],
      standInPort: standIn.port,
      signal,
    });
  } finally {
    await standIn.close();
  }
}
