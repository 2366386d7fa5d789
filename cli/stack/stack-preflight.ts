/** The preflight of `npm start`, against a simulated Prism Central that has what the stack names. */
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

export interface SandboxStack {
  readonly stack: string;
  /** Name of the sandbox. */
  readonly sandbox: string;
  /** Absolute path of Helm. */
  readonly helm: string;
}

export interface SandboxPreflightOptions {
  /** The management cluster that the stack's state records. */
  readonly recorded: RecordedCluster;
  readonly signal: AbortSignal;
}

/** Runs all checks of a stack on a sandbox but the one that needs its network. */
export type SandboxPreflight = (options: SandboxPreflightOptions) => Promise<PreflightReport>;

/** Prepares what does not need the sandbox. The stack must exist in the state: the engine decrypts its logins. */
export async function prepareSandboxPreflight({ stack: name, sandbox, helm }: SandboxStack): Promise<SandboxPreflight> {
  const directory = join(sandboxFolder(sandbox), "prism-central");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { config, ...named } = await readPlainStack(name);
  const { prismCentral, clusters } = config;
  const prismCentrals = [
    prismCentral,
    ...Object.values(clusters).map((cluster) => prismCentralOf(cluster, prismCentral)),
  ];
  const [logins, certificates] = await Promise.all([
    openLogins(name, named),
    serverCertificates({ helm, directory, hosts: prismCentrals.map(({ address }) => address) }),
    // The first call to the API server needs it.
    import("@kubernetes/client-node"),
  ]);
  return (options) => runSandboxPreflight({ stack: name, helm, logins, certificates, ...options });
}

interface PreparedPreflight extends SandboxPreflightOptions, Pick<SandboxStack, "stack" | "helm"> {
  readonly logins: OpenedLogins;
  readonly certificates: Certificates;
}

async function runSandboxPreflight(prepared: PreparedPreflight): Promise<PreflightReport> {
  const { stack: name, helm, recorded, signal, logins } = prepared;
  const { ca, cert, key } = prepared.certificates;
  // Read again: its kubeconfig exists only now.
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
      // The simulated Prism Central has a CA of its own.
      bundles: Object.fromEntries(Object.keys(bundles).map((at) => [at, ca])),
      identity: `${project}.${name}`,
      login: (entry) => logins.byEntry.get(entry),
      management: { ...(await managementAccess(access)), recorded },
      renderChart: chartRenderer(helm),
      skips: [{ id: "endpoint-is-unused", reason: "the sandbox has no network of machines" }],
      standInPort: standIn.port,
      signal,
    });
  } finally {
    await standIn.close();
  }
}
