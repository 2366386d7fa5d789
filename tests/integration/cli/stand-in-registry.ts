import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** An OCI registry without TLS, in memory: as much of one as helm pushes to and pulls from. */
export interface Registry {
  /** `oci://127.0.0.1:<port>/charts` */
  readonly address: string;
  /** What helm asked for, as method and path. */
  readonly asked: string[];
  stop(): Promise<void>;
}

interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

export async function startRegistry(): Promise<Registry> {
  const blobs = new Map<string, Stored>();
  const manifests = new Map<string, Stored>();
  const asked: string[] = [];
  const digest = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const server = createServer(async (request, response) => {
    const bytes = await body(request);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://registry");
    asked.push(`${request.method} ${pathname}`);
    const end = (status: number, headers: Record<string, string> = {}, content: Buffer = Buffer.alloc(0)) =>
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : content);
    const give = (stored: Stored | undefined) =>
      stored === undefined
        ? end(404, { "content-type": "application/json" }, Buffer.from('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'))
        : end(
            200,
            {
              "content-type": stored.type,
              "content-length": String(stored.bytes.length),
              "docker-content-digest": digest(stored.bytes),
            },
            stored.bytes,
          );
    const [, name = "", part = "", reference = ""] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/.exec(pathname) ?? [];
    const type = request.headers["content-type"] ?? "application/octet-stream";
    if (request.method === "POST") return end(202, { location: `${pathname}upload` });
    if (request.method === "PUT" && part === "blobs") {
      blobs.set(String(searchParams.get("digest")), { type, bytes });
      return end(201);
    }
    if (request.method === "PUT") {
      for (const key of [reference, digest(bytes)]) manifests.set(`${name} ${key}`, { type, bytes });
      return end(201, { "docker-content-digest": digest(bytes) });
    }
    if (part === "manifests") return give(manifests.get(`${name} ${reference}`));
    if (part === "blobs") return give(blobs.get(reference));
    const tags = [...manifests.keys()].flatMap((key) =>
      key.startsWith(`${name} `) && !key.includes("sha256:") ? [key.slice(name.length + 1)] : [],
    );
    return end(200, { "content-type": "application/json" }, Buffer.from(JSON.stringify({ name, tags })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `oci://127.0.0.1:${port}/charts`,
    asked,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
