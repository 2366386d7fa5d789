import { createServer } from "node:net";
import { waitFor } from "../../kubernetes/wait.ts";
import type { Ports, SandboxLayout, SandboxRecord } from "./layout.ts";
import { SandboxError } from "./sandbox-error.ts";

/** Below the range of outgoing connections, so that the ports of a stopped sandbox remain free. */
const LOWEST = 20_000;
const HIGHEST = 30_000;

/** Six different free ports. */
export async function freePorts(): Promise<Ports> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < 6; tries += 1) {
    if (tries > 1_000)
      throw new Error(`ports: none is free between ${LOWEST} and ${HIGHEST}; stop programs that listen there`);
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  const [apiServer = 0, etcd = 0, etcdPeer = 0, controllerManager = 0, scheduler = 0, kwok = 0] = ports;
  return { apiServer, etcd, etcdPeer, controllerManager, scheduler, kwok };
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Throws where another process listens on a port of a component that has ended. */
export async function requirePorts(
  layout: SandboxLayout,
  { name, ports }: SandboxRecord,
  dead: readonly string[],
): Promise<void> {
  const wanted: Record<string, number[]> = {
    etcd: [ports.etcd, ports.etcdPeer],
    "kube-apiserver": [ports.apiServer],
    "kube-controller-manager": [ports.controllerManager],
    "kube-scheduler": [ports.scheduler],
    "kwok-controller": [ports.kwok],
  };
  for (const port of dead.flatMap((component) => wanted[component] ?? [])) {
    // A process that was killed can hold its port for a moment.
    if (await waitFor(() => isFree(port), { timeout: 5_000, interval: 100 })) continue;
    const remedy = `stop that process, or delete ${layout.directory} and start the sandbox again`;
    throw new SandboxError(
      `sandbox: "${name}" does not start because another process listens on its port ${port}; ${remedy}`,
    );
  }
}
