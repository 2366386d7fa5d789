/** HTTPS through the proxy that the environment names, its failures differ from those of the server behind it. */
import type { Dispatcher } from "undici";

type AgentOptions = NonNullable<ConstructorParameters<typeof import("undici").EnvHttpProxyAgent>[0]>;

/** The proxy itself is not reachable; its cause is the HTTP client's error. */
export class ProxyError extends Error {
  constructor(cause: unknown) {
    super("the proxy is not reachable", { cause });
    this.name = "ProxyError";
  }
}

export interface ProxiedAgent {
  readonly dispatcher: Dispatcher;
  /** `host:port` of the proxy that requests go through, without its login; undefined before the first one. */
  proxy(): string | undefined;
}

/** An agent that honours HTTPS_PROXY and NO_PROXY, in upper and lower case. */
export async function proxiedAgent(options: AgentOptions = {}): Promise<ProxiedAgent> {
  const { EnvHttpProxyAgent, Pool } = await import("undici");
  let used: string | undefined;
  const clientFactory: NonNullable<AgentOptions["clientFactory"]> = (origin, poolOptions) => {
    const { hostname, port, protocol } = new URL(origin);
    const { headersTimeout } = options;
    // The response to CONNECT has the same timeout as any other.
    const pool = new Pool(origin, { ...poolOptions, ...(headersTimeout === undefined ? {} : { headersTimeout }) });
    const connect = pool.connect.bind(pool) as (to: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>;
    const tunnel = async (to: Dispatcher.ConnectOptions) => {
      used = `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
      return connect(to).catch((error: unknown) => {
        throw new ProxyError(error);
      });
    };
    return Object.assign(pool, { connect: tunnel as typeof pool.connect });
  };
  return { dispatcher: new EnvHttpProxyAgent({ ...options, clientFactory }), proxy: () => used };
}
