import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ExecaError, execa } from "execa";
import { yamlText } from "../../kubernetes/yaml-text.ts";
import { replaceFile } from "../tools/replace-file.ts";
import { lastLogLines } from "./components.ts";
import { KWOK_NAME, type Ports, type SandboxLayout, type SandboxRecord } from "./layout.ts";
import { SandboxError } from "./sandbox-error.ts";

/** Runs `kwokctl <arguments>` on this sandbox's cluster, without access to the user's home. */
export async function kwokctl(layout: SandboxLayout, record: SandboxRecord, args: readonly string[]): Promise<void> {
  const env = {
    KWOK_WORKDIR: layout.kwok,
    KUBECONFIG: join(layout.kwok, "kubeconfig"),
    PATH: [await kubectlFolder(layout), process.env.PATH].join(delimiter),
    // For the processes that it starts: less garbage collection for more memory.
    GOGC: process.env.GOGC ?? "250",
  };
  const tool = record.tools.kwokctl ?? "kwokctl";
  try {
    await execa(tool, [...args, "--name", KWOK_NAME, "--config", layout.kwokConfig], { env, stdin: "ignore" });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const log = await lastLogLines(layout);
    const line = errorIn(String(error.stderr).trim().split("\n").at(-1) ?? "") || error.shortMessage;
    const what = `kwokctl ${args.join(" ")} failed: ${line}${log ? ` (${log})` : ""}`;
    throw new SandboxError(`sandbox: "${record.name}" does not start because ${what}; see ${layout.cluster}/logs`, {
      cause: error,
    });
  }
}

/** kwokctl logs JSON where its output is no terminal. */
function errorIn(line: string): string {
  try {
    const { err, msg }: { err?: string; msg?: string } = JSON.parse(line);
    return err ?? msg ?? line;
  } catch {
    return line;
  }
}

/** kwokctl's settings: local addresses only, this run's binaries, ports of our choice. */
export function writeKwokConfig(layout: SandboxLayout, { tools, ports }: SandboxRecord, auditPolicy?: string): void {
  const config = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      ...OPTIONS,
      ...portOptions(ports),
      ...binaryOptions(tools),
      ...(auditPolicy === undefined ? {} : { kubeAuditPolicy: auditPolicy }),
      cacheDir: join(layout.kwok, "cache"),
    },
    componentsPatches: [...Object.entries(EXTRA_ARGS), ...Object.entries(etcdArgs(layout, ports))].map(
      ([name, args]) => ({
        name,
        extraArgs: Object.entries(args).map(([key, value]) => ({ key, value, override: OVERRIDDEN.includes(key) })),
      }),
    ),
  };
  replaceFile(layout.kwokConfig, yamlText(config), 0o600);
}

/** No waits after a restart: not for the lease of a killed leader, nor for the node's, which a killed kwok holds for 200 s. */
const EXTRA_ARGS: Readonly<Record<string, Record<string, string>>> = {
  "kube-controller-manager": { "leader-elect": "false", "node-monitor-grace-period": "87600h" },
  "kube-scheduler": { "leader-elect": "false" },
  "kwok-controller": { "node-lease-duration-seconds": "0" },
};

/** kwokctl's etcd serves any user of the machine: here it and the API server show each other kwokctl's certificates. */
function etcdArgs({ cluster }: SandboxLayout, ports: Ports): Record<string, Record<string, string>> {
  const pki = (file: string) => join(cluster, "pki", file);
  const [ca, cert, key] = [pki("ca.crt"), pki("admin.crt"), pki("admin.key")];
  const client = `https://127.0.0.1:${ports.etcd}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  return {
    etcd: {
      ...{ "listen-client-urls": client, "advertise-client-urls": client },
      ...{ "listen-peer-urls": peer, "initial-advertise-peer-urls": peer, "initial-cluster": `node0=${peer}` },
      ...{ "client-cert-auth": "true", "trusted-ca-file": ca, "cert-file": cert, "key-file": key },
      ...{ "peer-client-cert-auth": "true", "peer-trusted-ca-file": ca },
      ...{ "peer-cert-file": cert, "peer-key-file": key },
    },
    "kube-apiserver": { "etcd-servers": client, "etcd-cafile": ca, "etcd-certfile": cert, "etcd-keyfile": key },
  };
}

/** Arguments that kwokctl sets itself. */
const OVERRIDDEN = [
  ...["listen-client-urls", "advertise-client-urls", "listen-peer-urls", "initial-advertise-peer-urls"],
  ...["initial-cluster", "etcd-servers"],
];

const OPTIONS = { runtime: "binary", bindAddress: "127.0.0.1", enableCRDs: ["Stage"], disableQPSLimits: true };

function portOptions(ports: Ports): Record<string, number> {
  return {
    kubeApiserverPort: ports.apiServer,
    etcdPort: ports.etcd,
    etcdPeerPort: ports.etcdPeer,
    kubeControllerManagerPort: ports.controllerManager,
    kubeSchedulerPort: ports.scheduler,
    kwokControllerPort: ports.kwok,
  };
}

function binaryOptions(tools: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return {
    etcdBinary: tools.etcd,
    kubeApiserverBinary: tools["kube-apiserver"],
    kubeControllerManagerBinary: tools["kube-controller-manager"],
    kubeSchedulerBinary: tools["kube-scheduler"],
    kwokControllerBinary: tools.kwok,
  };
}

async function kubectlFolder(layout: SandboxLayout): Promise<string> {
  const folder = join(layout.kwok, "bin");
  const file = join(folder, "kubectl");
  await mkdir(folder, { recursive: true });
  const quoted = [process.execPath, join(import.meta.dirname, "kubectl.ts")].map(
    (text) => `'${text.replaceAll("'", "'\\''")}'`,
  );
  await writeFile(file, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`);
  await chmod(file, 0o755);
  return folder;
}
