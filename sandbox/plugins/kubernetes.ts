import type { Engine } from "./engine-log.ts";
import type { Context } from "./kubernetes/context.ts";
import {
  checkRelease,
  createRelease,
  deleteRelease,
  diffRelease,
  readRelease,
  updateRelease,
} from "./kubernetes/helm-release.ts";
import { checkObject } from "./kubernetes/object-check.ts";
import { deleteObjectResource } from "./kubernetes/object-delete.ts";
import { diffObject } from "./kubernetes/object-diff.ts";
import { readObjectResource } from "./kubernetes/object-read.ts";
import { createObjectResource, updateObjectResource } from "./kubernetes/object-write.ts";
import { diffSettings, readSettings, type Settings } from "./kubernetes/settings.ts";
import type { Provider } from "./provider.ts";
import { serve } from "./provider-server.ts";

/** The kinds of the kubernetes package that the program uses, for a sandbox on this machine only. */
class KubernetesProvider implements Provider {
  readonly version = "4.32.0";
  readonly #cancelled = new AbortController();
  #configured: { settings: Settings; engine: Engine } | undefined;

  async configure(variables: Map<string, string>, engine: Engine): Promise<void> {
    await engine.log("info", "stand-in kubernetes plugin of the sandbox: not for real clusters");
    this.#configured = { settings: await readSettings(variables), engine };
  }

  readonly diffConfig = diffSettings;
  readonly check: Provider["check"] = (call) =>
    (isRelease(call.urn) ? checkRelease : checkObject)(this.#context(), call);
  readonly diff: Provider["diff"] = (call) =>
    isRelease(call.urn) ? diffRelease(call) : diffObject(this.#context(), call);
  readonly create: Provider["create"] = (call) =>
    (isRelease(call.urn) ? createRelease : createObjectResource)(this.#context(), call);
  readonly read: Provider["read"] = (call) =>
    (isRelease(call.urn) ? readRelease : readObjectResource)(this.#context(), call);
  readonly update: Provider["update"] = (call) =>
    (isRelease(call.urn) ? updateRelease : updateObjectResource)(this.#context(), call);
  readonly delete: Provider["delete"] = (call) =>
    (isRelease(call.urn) ? deleteRelease : deleteObjectResource)(this.#context(), call);

  cancel(): void {
    this.#cancelled.abort();
  }

  #context(): Context {
    if (!this.#configured) {
      throw new Error("the plugin was not configured");
    }
    return { ...this.#configured, signal: this.#cancelled.signal };
  }
}

function isRelease(urn: string): boolean {
  return (urn.split("::")[2] ?? "").endsWith("kubernetes:helm.sh/v3:Release");
}

serve(new KubernetesProvider());
