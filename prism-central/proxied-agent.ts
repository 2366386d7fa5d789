/** HTTPS by way of the proxy that the environment names, with its faults told apart from those of the server behind it. */
import type { Dispatcher } from "undici";

type Options = NonNullable<ConstructorParameters<typeof import("undici").EnvHttpProxyAgent>[0]>;

/** The proxy itself was not reached; its cause is the HTTP client's error. */
export class ProxyFault extends Error {
  constructor(cause: unknown) {
    super("the proxy was not reached", { cause });
    this.name = "ProxyFault";
  }
}

export interface ProxiedAgent {
  readonly dispatcher: Dispatcher;
  /** `host:port` of the proxy that a call went to, without its login; undefined as long as none did. */
  proxy(): string | undefined;
}

/** An agent that heeds HTTPS_PROXY and NO_PROXY, in both spellings. */
export async function proxiedAgent(options: Options = {}): Promise<ProxiedAgent> {
  const { EnvHttpProxyAgent, Pool } = await import("undici");
  let used: string | undefined;
  const clientFactory: NonNullable<Options["clientFactory"]> = (origin, opened) => {
    const { hostname, port, protocol } = new URL(origin);
    const { headersTimeout } = options;
    // An answer to CONNECT is waited for as long as any other.
    const pool = new Pool(origin, { ...opened, ...(headersTimeout === undefined ? {} : { headersTimeout }) });
    const connect = pool.connect.bind(pool) as (asked: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>;
    const tunnel = async (asked: Dispatcher.ConnectOptions) => {
      used = `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
      return connect(asked).catch((error: unknown) => {
        throw new ProxyFault(error);
      });
    };
    return Object.assign(pool, { connect: tunnel as typeof pool.connect });
  };
  return { dispatcher: new EnvHttpProxyAgent({ ...options, clientFactory }), proxy: () => used };
}
