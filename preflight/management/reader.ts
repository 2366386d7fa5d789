import type { LiveObject } from "../../manifests/conflicting-object.ts";
import { type CheckContext, Inconclusive } from "../check.ts";
import type { Answer, ApiCaller, Call } from "./api-caller.ts";
import { describeConnectionError } from "./connection-errors.ts";

/** Objects of one list call; more are asked for page by page. */
const PAGE = 500;

/** Which objects: `apiVersion` and `kind` as a manifest has them. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What kubectl would guess, which is right for every kind that is asked about here. */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith("s")) return `${lower}es`;
  return lower.endsWith("y") ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

/** `/apis/apps/v1`, `/api/v1`. */
export function baseOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Path of an object, or of all of its kind without a name. */
export function pathOf({ apiVersion, kind }: Kind, at: { namespace?: string | undefined; name?: string } = {}): string {
  const namespace = at.namespace === undefined ? "" : `/namespaces/${encodeURIComponent(at.namespace)}`;
  const name = at.name === undefined ? "" : `/${encodeURIComponent(at.name)}`;
  return `${baseOf(apiVersion)}${namespace}/${pluralOf(kind)}${name}`;
}

interface List {
  readonly items?: readonly LiveObject[];
  readonly metadata?: { readonly continue?: string };
}

/** Reads from the management cluster. What one check of a run has read is not asked again by another. */
export class Reader {
  /** Who asks, as the cluster sees it. */
  readonly user: string;
  readonly #caller: ApiCaller;
  readonly #context: Pick<CheckContext, "shared" | "signal">;

  constructor(
    caller: ApiCaller,
    { context, user }: { context: Pick<CheckContext, "shared" | "signal">; user: string },
  ) {
    this.#caller = caller;
    this.#context = context;
    this.user = user;
  }

  /** The body of a GET; undefined where there is no such thing. @throws NotKnown */
  get<T = LiveObject>(path: string): Promise<T | undefined> {
    return this.#context.shared.once(`management cluster GET ${path}`, async () => {
      const { code, text } = await this.send({ method: "GET", path });
      if (code === 404) return undefined;
      if (code === 200) return JSON.parse(text) as T;
      if (code === 403)
        throw new Inconclusive(`${this.user} may not read ${path}`, "allow it, or ask with another user");
      throw new Inconclusive(`the management cluster answered ${code} when asked for ${path}`);
    });
  }

  /** One object. */
  object(kind: Kind, at: { namespace?: string; name: string }): Promise<LiveObject | undefined> {
    return this.get(pathOf(kind, at));
  }

  /** All objects of a kind, in a namespace or in all; undefined where the kind is not served. @throws NotKnown */
  async list(
    kind: Kind,
    { namespace, selector }: { namespace?: string | undefined; selector?: string } = {},
  ): Promise<LiveObject[] | undefined> {
    const filter = selector === undefined ? "" : `&labelSelector=${encodeURIComponent(selector)}`;
    const found: LiveObject[] = [];
    let next = "";
    do {
      const page = await this.get<List>(`${pathOf(kind, { namespace })}?limit=${PAGE}${filter}${next}`);
      if (page === undefined) return undefined;
      // The items of a list do not say what they are.
      found.push(...(page.items ?? []).map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })));
      const token = page.metadata?.continue;
      next = token ? `&continue=${encodeURIComponent(token)}` : "";
    } while (next !== "");
    return found;
  }

  /** Whether objects of the kind can be asked for. */
  async serves({ apiVersion, kind }: Kind): Promise<boolean> {
    const served = await this.get<{ resources?: { kind: string }[] }>(baseOf(apiVersion));
    return served?.resources?.some((one) => one.kind === kind) ?? false;
  }

  /** Sends a call and hands its answer back, whatever the code. @throws NotKnown when there is no answer */
  async send(call: Call): Promise<Answer> {
    try {
      return await this.#caller.call({ ...call, signal: this.#context.signal });
    } catch (error) {
      if (this.#context.signal.aborted) throw this.#context.signal.reason;
      const { server } = this.#caller;
      const { found, remedy } = describeConnectionError(error, {
        server,
        trust: { by: "the kubeconfig", remedy: "ask again" },
      });
      throw new Inconclusive(found, remedy);
    }
  }
}
