/** One session with one Prism Central: each request is sent once, and every caller gets the failure of a connection. */
import { at, list, text } from "./answer.ts";
import { ConnectionError } from "./connection-error.ts";
import { ForbiddenError, PrismCentralError } from "./prism-central-error.ts";
import {
  openPrismTransport,
  type PrismRequest,
  type PrismResponse,
  type PrismTransport,
  type PrismTransportOptions,
} from "./prism-transport.ts";
import { type PrismVersion, prismVersion } from "./prism-version.ts";
import { PromiseCache } from "./promise-cache.ts";

/** What the first request, which is the login, returns. */
export interface LoginResult {
  /** Milliseconds that Prism Central's clock is ahead of this machine's; undefined: it sends no Date. */
  readonly clockAhead: number | undefined;
  /** `users/me` of the v3 API; undefined where it may not be read. */
  readonly me: unknown;
  /** `X-Ntnx-Product`, such as `pc.2024.3.0.1`. */
  readonly product: string | undefined;
}

export interface SessionOptions extends PrismTransportOptions {
  /** Name of the login in messages: `credentials.global`. */
  readonly loginName: string;
}

/** Connects on the first request. Every method may throw a {@link PrismCentralError}. */
export class PrismSession {
  /** `host:port`. */
  readonly address: string;
  readonly #options: SessionOptions;
  readonly #cache = new PromiseCache();
  #transport: PrismTransport | undefined;
  #failure: ConnectionError | undefined;

  constructor(options: SessionOptions) {
    this.address = `${options.address}:${options.port}`;
    this.#options = options;
  }

  login(): Promise<LoginResult> {
    return this.#cache.once("login", () => this.#logIn());
  }

  /** Version of Prism Central, by the v4 API; an older one sends it along with every response. */
  version(): Promise<PrismVersion> {
    return this.#cache.once("version", async () => {
      const { product } = await this.login();
      const managers = await this.get("domain managers", "/api/prism/v4.0/config/domain-managers").catch((error) => {
        if (error instanceof ForbiddenError) return undefined;
        throw error;
      });
      const version = text(at(list(at(managers, "data"))[0], "config", "buildInfo", "version")) ?? product;
      if (version !== undefined) return prismVersion(version);
      throw new PrismCentralError(`${this.address} does not report its version`, "give the user View Cluster");
    });
  }

  /** The body of a GET; undefined: not found (404). `what` is in the plural, for messages: `subnets`. */
  get(what: string, path: string): Promise<unknown> {
    return this.#once(what, { method: "GET", path });
  }

  /** A `list` request of the v3 API. */
  list(what: string, path: string, body: object): Promise<unknown> {
    return this.#once(what, { method: "POST", path, body });
  }

  /** `host:port` of the proxy that requests go through, after the first one. */
  proxy(): string | undefined {
    return this.#transport?.proxy();
  }

  async close(): Promise<void> {
    await this.#transport?.close();
  }

  #once(what: string, request: PrismRequest): Promise<unknown> {
    return this.#cache.once(JSON.stringify(request), async () => {
      await this.login();
      const response = await this.#send(request);
      if (response.status === 200 && response.body !== undefined) return response.body;
      if (response.status === 404) return undefined;
      if (response.status === 403) throw new ForbiddenError(what);
      throw toError(what, response, this.address);
    });
  }

  async #send(request: PrismRequest): Promise<PrismResponse> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#transport ??= await this.#cache.once("transport", () => openPrismTransport(this.#options));
      return await this.#transport.send(request);
    } catch (error) {
      // One failed connection is enough: each further one would cost its own timeout.
      if (error instanceof ConnectionError) this.#failure ??= error;
      throw error;
    }
  }

  async #logIn(): Promise<LoginResult> {
    const response = await this.#send({ method: "GET", path: "/api/nutanix/v3/users/me" });
    const { login, loginName } = this.#options;
    if (login === undefined) {
      throw this.#fail(`the login ${loginName} is not available on this machine`, "provide its user name and password");
    }
    if (response.status === 401) {
      const fix = `set ${loginName} to a user of Prism Central; write a directory user as user@domain`;
      throw this.#fail(`${this.address} rejects the login ${loginName} (401)`, fix);
    }
    if (response.status >= 429) throw toError("the login", response, this.address);
    const date = Date.parse(header(response, "date") ?? "");
    return {
      clockAhead: Number.isNaN(date) ? undefined : date - Date.now(),
      me: response.status === 200 ? response.body : undefined,
      product: header(response, "x-ntnx-product"),
    };
  }

  #fail(reason: string, fix: string): ConnectionError {
    this.#failure = new ConnectionError("login", reason, fix);
    return this.#failure;
  }
}

function header({ headers }: PrismResponse, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function toError(what: string, { status, body }: PrismResponse, address: string): PrismCentralError {
  if (status === 200) {
    return new PrismCentralError(
      `the response of ${address} for ${what} is not JSON`,
      "check which server answers there",
    );
  }
  if (status === 429) {
    return new PrismCentralError(
      `${address} rejects the request for ${what}: too many requests (429)`,
      "try again later",
    );
  }
  const code =
    text(at(list(at(body, "data", "error"))[0], "code")) ?? text(at(list(at(body, "message_list"))[0], "reason"));
  const reason = code === undefined ? "" : `, ${code}`;
  const message = `${address} fails to answer the request for ${what} (${status}${reason})`;
  return new PrismCentralError(message, "check the health of Prism Central");
}
