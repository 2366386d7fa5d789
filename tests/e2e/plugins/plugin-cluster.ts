import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { stopComponent } from "../../../sandbox/cluster/components.ts";
import { layoutOf } from "../../../sandbox/cluster/layout.ts";
import type { ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { ApiClient, ApiError } from "../../../sandbox/plugins/kubernetes/api-client.ts";
import { connection } from "../../../sandbox/plugins/kubernetes/kubeconfig.ts";
import { gvkOf, nameOf, namespaceOf } from "../../../sandbox/plugins/kubernetes/object-names.ts";
import type { ValueMap } from "../../../sandbox/plugins/property-values.ts";
import { createSandbox, deleteSandbox, type Sandbox, startApiServer } from "../../../sandbox/sandbox-cluster.ts";

/** A bare management cluster for the suite, with a kind of its own: Widget, namespaced, with status. */
export class TestCluster {
  readonly sandbox: Sandbox;
  readonly kubeconfig: string;
  readonly api: ApiClient;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    this.kubeconfig = readFileSync(sandbox.kubeconfig, "utf8");
    this.api = new ApiClient(connection(this.kubeconfig, { context: undefined, cluster: undefined }));
  }

  static async start(tools: ToolPaths): Promise<TestCluster> {
    const directory = mkdtempSync(join(tmpdir(), "plugin-suite-"));
    const sandbox = await createSandbox({
      name: "plugin-suite",
      directory,
      tools,
      controllers: false,
      crds: "stand-in",
    });
    const cluster = new TestCluster(sandbox);
    await cluster.apply(widgetCrd("widgets", "Widget"));
    await cluster.until(async () =>
      cluster.api.discovery
        .load()
        .then(() => cluster.api.discovery.has(gvkOf({ apiVersion: WIDGETS, kind: "Widget" }))),
    );
    await cluster.#knowsWidgets();
    return cluster;
  }

  /** The garbage collector looks for new kinds when it starts and every 30 s: until then no Widget is deleted in the foreground. */
  async #knowsWidgets(): Promise<void> {
    await stopComponent(layoutOf(this.sandbox.directory), "kube-controller-manager", "SIGKILL");
    await startApiServer(this.sandbox.directory);
  }

  async stop(): Promise<void> {
    await deleteSandbox(this.sandbox.directory);
    await rm(this.sandbox.directory, { recursive: true, force: true });
  }

  async path(object: ValueMap): Promise<string> {
    const resource = await this.api.discovery.find(gvkOf(object));
    return this.api.path(resource, { namespace: namespaceOf(object), name: nameOf(object) });
  }

  async get(object: ValueMap): Promise<any> {
    return this.api.call({ method: "GET", path: await this.path(object) }).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 404) {
        return undefined;
      }
      throw error;
    });
  }

  async apply(object: ValueMap, manager = "somebody-else"): Promise<any> {
    const path = `${await this.path(object)}?fieldManager=${manager}&force=true`;
    return this.api.call({ method: "PATCH", path, body: object, contentType: "application/apply-patch+yaml" });
  }

  async setStatus(object: ValueMap, status: ValueMap): Promise<void> {
    const path = `${await this.path(object)}/status`;
    await this.api.call({ method: "PATCH", path, body: { status }, contentType: "application/merge-patch+json" });
  }

  async remove(object: ValueMap): Promise<void> {
    const path = await this.path(object);
    await this.api.call({ method: "DELETE", path }).catch(() => {});
  }

  /** Removes what a failed case left, so that the next one starts clean. */
  async clear(): Promise<void> {
    for (const collection of [
      "/apis/suite.example/v1/namespaces/default/widgets",
      "/api/v1/namespaces/default/configmaps",
      "/api/v1/namespaces/default/secrets",
    ]) {
      await this.api.call({ method: "DELETE", path: collection });
    }
  }

  /** Asks until the answer is true; at most 30 s. */
  async until(answer: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 30_000;
    while (!(await answer().catch(() => false))) {
      if (Date.now() > end) {
        throw new Error("it did not become true in 30 s");
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** The same cluster under another name of the server. */
  renamedKubeconfig(): string {
    return this.kubeconfig.replaceAll("https://127.0.0.1:", "https://localhost:");
  }

  /** A user who may read everything and write nothing. */
  async readerKubeconfig(): Promise<string> {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reader", namespace: "default" } };
    await this.apply(account);
    await this.apply({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "default" }],
    });
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const answer: any = await this.api.call({
      method: "POST",
      path: `${await this.path(account)}/token`,
      body: request,
    });
    const document = parse(this.kubeconfig);
    document.users = [{ name: document.contexts[0].context.user, user: { token: answer.status.token } }];
    return stringify(document);
  }
}

export const WIDGETS = "suite.example/v1";

export function widget(name: string, fields: ValueMap = {}): ValueMap {
  return { apiVersion: WIDGETS, kind: "Widget", metadata: { name, namespace: "default" }, ...fields };
}

export function widgetCrd(plural: string, kind: string): ValueMap {
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const spec = { ...open, properties: { size: { type: "integer" }, color: { type: "string" } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.suite.example` },
    spec: {
      group: "suite.example",
      scope: "Namespaced",
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: "object", properties: { spec, status: open } } },
        },
      ],
    },
  };
}
