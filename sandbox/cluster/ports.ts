import { createServer } from "node:net";
import type { Ports } from "./layout.ts";

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

export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
