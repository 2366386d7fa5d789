import { apiError, type KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError, UnreachableError } from "../../kubernetes/errors.ts";
import { groupPath, listPath, objectPath } from "../../kubernetes/kinds.ts";
import type { KindReference, KubernetesObject } from "../../kubernetes/object.ts";
import type { ApiRequest, ApiResponse } from "../../kubernetes/transport.ts";
import { type CheckContext, Inconclusive } from "../check.ts";
import { describeConnectionError } from "./describe-connection-error.ts";

/** Reads from the management cluster. What one check of a run has read is not read again by another. */
export class Reader {
  /** The user as the cluster knows it. */
  readonly user: string;
  readonly #client: KubernetesClient;
  readonly #context: Pick<CheckContext, "shared" | "signal">;

  constructor(
    client: KubernetesClient,
    { context, user }: { context: Pick<CheckContext, "shared" | "signal">; user: string },
  ) {
    this.#client = client;
    this.#context = context;
    this.user = user;
  }

  /** The JSON under a path; undefined where there is none. @throws Inconclusive */
  get<T = KubernetesObject>(path: string): Promise<T | undefined> {
    return this.#context.shared.once(`management cluster GET ${path}`, async () => {
      const response = await this.send({ path });
      if (response.code === 404) return undefined;
      if (response.code === 200) return JSON.parse(response.text) as T;
      throw this.#inconclusive(path, apiError(response));
    });
  }

  /** One object. */
  object(kind: KindReference, metadata: { namespace?: string; name: string }): Promise<KubernetesObject | undefined> {
    return this.get(objectPath({ ...kind, metadata }));
  }

  /** All objects of a kind, in a namespace or in all; undefined where the kind is not served. @throws Inconclusive */
  list(
    kind: KindReference,
    { namespace, selector }: { namespace?: string | undefined; selector?: string } = {},
  ): Promise<KubernetesObject[] | undefined> {
    const path = listPath(kind, namespace);
    return this.#context.shared.once(`management cluster LIST ${path} ${selector}`, async () => {
      try {
        const list = await this.#client.listWithVersion(
          { ...kind, namespace },
          { labelSelector: selector, signal: this.#context.signal },
        );
        return list?.items;
      } catch (error) {
        throw this.#inconclusive(path, error);
      }
    });
  }

  /** Whether the API server serves the kind. */
  async serves({ apiVersion, kind }: KindReference): Promise<boolean> {
    const served = await this.get<{ resources?: { kind: string }[] }>(groupPath(apiVersion));
    return served?.resources?.some((one) => one.kind === kind) ?? false;
  }

  /** Sends a request and returns its response, whatever the code. @throws Inconclusive when there is none */
  async send(request: ApiRequest): Promise<ApiResponse> {
    try {
      return await this.#client.request({ ...request, signal: this.#context.signal });
    } catch (error) {
      throw this.#inconclusive(request.path, error);
    }
  }

  #inconclusive(path: string, error: unknown): unknown {
    const { signal } = this.#context;
    if (signal.aborted) return signal.reason;
    if (error instanceof ApiError) {
      if (error.code === 403)
        return new Inconclusive(`${this.user} may not read ${path}`, "grant the permission, or use another user");
      return new Inconclusive(`the management cluster responds with ${error.code} for ${path}`);
    }
    if (!(error instanceof UnreachableError)) return error;
    const trust = { name: "the kubeconfig", remedy: "run it again" };
    const { message, remedy } = describeConnectionError(error.cause, { server: this.#client.server, trust });
    return new Inconclusive(message, remedy);
  }
}
