/** A sandbox for preflight checks, and what brings it into a state in which they fail. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { chartRenderer } from "../../../cli/stack/chart-renderer.ts";
import { connectKubernetes, type KubernetesClient } from "../../../kubernetes/client.ts";
import { objectPath } from "../../../kubernetes/kinds.ts";
import { waitFor } from "../../../kubernetes/wait.ts";
import { type Manifest, STACK_LABEL } from "../../../manifests/manifest.ts";
import type { SandboxTool, ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox } from "../../../sandbox/sandbox-cluster.ts";
import type { Stack } from "../../../schema/stack.ts";
import { IDENTITY, type SettingsInput } from "../../unit/preflight/check-context.ts";
import {
  devStack,
  type ManagementRun,
  runManagementChecks,
} from "../../unit/preflight/management/management-scenario.ts";

const RBAC = "rbac.authorization.k8s.io/v1";

/** What a user who may read everything lacks. */
export const MISSING_PERMISSIONS = [
  "create, patch, update, delete secrets in kcm-system",
  "create, patch configmaps in kcm-system",
  "create, patch namespaces",
  "create, patch managements.k0rdent.mirantis.com",
  "create, patch credentials.k0rdent.mirantis.com in kcm-system",
  "create, patch clusterdeployments.k0rdent.mirantis.com in kcm-system",
  "create, patch clustertemplates.k0rdent.mirantis.com in kcm-system",
  "create, patch, escalate, bind clusterroles.rbac.authorization.k8s.io",
  "create, patch clusterrolebindings.rbac.authorization.k8s.io",
  "create, patch deployments.apps in kcm-system",
  "create, patch services in kcm-system",
  "create, patch networkpolicies.networking.k8s.io in kcm-system",
  "create, patch helmrepositories.source.toolkit.fluxcd.io in kcm-system",
  "create, patch providertemplates.k0rdent.mirantis.com",
  "create, patch clustertemplatechains.k0rdent.mirantis.com in kcm-system",
  "create, patch customresourcedefinitions.apiextensions.k8s.io",
  "create, patch roles.rbac.authorization.k8s.io in kcm-system",
  "create, patch rolebindings.rbac.authorization.k8s.io in kcm-system",
  "create, patch serviceaccounts in kcm-system",
].join("; ");

export const failures = (lines: readonly string[]) => lines.filter((line) => line.includes(": fail:"));
/** Ids and statuses. */
export const statuses = (lines: readonly string[]) => lines.map((line) => line.split(": ").slice(0, 2).join(": "));
export const adopting = (settings: SettingsInput) => {
  settings["management"].adopt = true;
};

export class PreflightSandbox {
  readonly #directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-preflight-"));
  readonly #tools: ToolPaths<SandboxTool>;
  readonly #undo: (() => unknown)[] = [];
  #sandbox!: Sandbox;
  client!: KubernetesClient;
  kubeconfig!: string;

  constructor(tools: ToolPaths<SandboxTool>) {
    this.#tools = tools;
  }

  get server(): string {
    return this.#sandbox.server;
  }

  get kcmChart(): string {
    return this.#sandbox.kcmChart;
  }

  get directory(): string {
    return this.#directory;
  }

  async start(): Promise<void> {
    this.#sandbox = await createSandbox({ name: "preflight", directory: this.#directory, tools: this.#tools });
    this.kubeconfig = readFileSync(this.#sandbox.kubeconfig, "utf8");
    // The field manager of an object that Pulumi's provider applied.
    this.client = await connectKubernetes({ kubeconfig: this.kubeconfig }, "pulumi-kubernetes-0a1b2c3d");
  }

  async delete(): Promise<void> {
    await deleteSandbox(this.#directory);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** A step that {@link reset} takes. */
  onReset(step: () => unknown): void {
    this.#undo.unshift(step);
  }

  async reset(): Promise<void> {
    for (const step of this.#undo.splice(0)) await step();
  }

  stack(change: (settings: SettingsInput) => void = () => undefined): Stack {
    return devStack((settings) => {
      settings["management"].kcm.chart = this.kcmChart;
      change(settings);
    });
  }

  check(ids: readonly string[], run: Partial<ManagementRun> = {}): Promise<string[]> {
    return runManagementChecks(ids, { kubeconfig: this.kubeconfig, stack: this.stack(), ...run });
  }

  /** The check of the provider's Helm release, or of another chart with one template. */
  checkRelease(template?: string): Promise<string[]> {
    const chart = join(this.#directory, "other-chart");
    if (template !== undefined) {
      mkdirSync(join(chart, "templates"), { recursive: true });
      writeFileSync(join(chart, "Chart.yaml"), "{apiVersion: v2, name: other, version: 1.0.0}\n");
      writeFileSync(join(chart, "templates", "other.yaml"), template);
    }
    const stack = this.stack((settings) => {
      if (template !== undefined) settings["capx"] = { chart };
    });
    return this.check(["release-contents-are-admitted"], { renderChart: chartRenderer(this.#tools.helm), stack });
  }

  helm(name: string, chart: string, ...more: string[]) {
    const options = ["--namespace", "kcm-system", "--kubeconfig", this.#sandbox.kubeconfig];
    return execa(this.#tools.helm, ["install", name, chart, ...options, ...more]);
  }

  /** Writes objects as Pulumi's provider does, with the stack's label. */
  async write(manifests: readonly Manifest[], identity = IDENTITY): Promise<void> {
    for (const manifest of manifests) {
      const metadata = { ...manifest.metadata, labels: { ...manifest.metadata.labels, [STACK_LABEL]: identity } };
      const secret = manifest.kind === "Secret" ? { stringData: { credentials: "[]" } } : {};
      await this.client.apply({ ...manifest, ...secret, metadata });
    }
  }

  /** Writes objects until {@link reset}. */
  async writeTemporarily(objects: readonly Manifest[], identity?: string): Promise<void> {
    for (const object of objects) this.onReset(() => this.client.delete(objectPath(object)));
    await this.write(objects, identity);
  }

  async until(path: string, holds: (object: any) => unknown): Promise<void> {
    const get = async () => {
      const object = await this.client.get<any>(path).catch(() => undefined);
      return object !== undefined && Boolean(holds(object));
    };
    if (!(await waitFor(get, { timeout: 60_000, interval: 50 }))) throw new Error(`${path} is not as expected`);
  }

  /** The sandbox's kubeconfig, changed. */
  edit(change: (config: any) => void): string {
    const config = parse(this.kubeconfig);
    change(config);
    return stringify(config);
  }

  /** The kubeconfig of a user who may read everything and write nothing. */
  async readOnlyKubeconfig(): Promise<string> {
    const name = "reader";
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "default" } };
    const rules = [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
    const subjects = [{ kind: "ServiceAccount", name, namespace: "default" }];
    const objects = [
      account,
      { apiVersion: RBAC, kind: "ClusterRole", metadata: { name }, rules },
      { apiVersion: RBAC, kind: "ClusterRoleBinding", metadata: { name }, roleRef, subjects },
    ];
    for (const object of objects) {
      await this.client.apply(object);
      this.onReset(() => this.client.delete(objectPath(object)));
    }
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const { text } = await this.client.request({ method: "POST", path: `${objectPath(account)}/token`, body });
    const { token } = (JSON.parse(text) as { status: { token: string } }).status;
    return this.edit((config) => {
      config.users[0].user = { token };
    });
  }

  certificates(): { ca: string; cert: string; key: string } {
    return JSON.parse(readFileSync(join(this.#directory, "controllers", "certificates.json"), "utf8"));
  }

  /** A webhook that rejects every Credential with code 422; returns its port. */
  async startWebhook(): Promise<number> {
    const { cert, key } = this.certificates();
    const server = createServer({ cert, key }, async (request, response) => {
      let text = "";
      for await (const part of request.setEncoding("utf8")) text += part;
      const { uid } = (JSON.parse(text) as { request: { uid: string } }).request;
      const status = { code: 422, reason: "Invalid", message: "spec.description: Invalid value: too plain" };
      const review = {
        apiVersion: "admission.k8s.io/v1",
        kind: "AdmissionReview",
        response: { uid, allowed: false, status },
      };
      response.setHeader("content-type", "application/json").end(JSON.stringify(review));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.onReset(() => server.close());
    this.onReset(() => server.closeAllConnections());
    return (server.address() as AddressInfo).port;
  }

  /** Registers a webhook for Credentials at a port of this machine. */
  async registerWebhook(port: number): Promise<void> {
    const caBundle = Buffer.from(this.certificates().ca).toString("base64");
    const rule = { apiGroups: ["k0rdent.mirantis.com"], apiVersions: ["v1beta1"], resources: ["credentials"] };
    const configuration = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "test" },
      webhooks: [
        {
          name: "credentials.example.com",
          admissionReviewVersions: ["v1"],
          sideEffects: "None",
          clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle },
          rules: [{ ...rule, operations: ["CREATE", "UPDATE"] }],
        },
      ],
    };
    await this.client.apply(configuration);
    this.onReset(() => this.client.delete(objectPath(configuration)));
    await sleep(1_500);
  }
}
