/** Runs checks of the management cluster for the stack `dev`, with changes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import type { KubernetesObject } from "../../../../kubernetes/object.ts";
import type { Bundles } from "../../../../manifests/stack-manifests.ts";
import type { RecordedCluster, RenderChart } from "../../../../preflight/check.ts";
import { MANAGEMENT_CHECKS } from "../../../../preflight/management/index.ts";
import { Secret } from "../../../../prism-central/secret.ts";
import type { Stack } from "../../../../schema/stack.ts";
import { checkContext, parseStack, reportLines, type Scenarios, type SettingsInput } from "../check-context.ts";
import { type ApiServerStandInOptions, startApiServer } from "./api-server-stand-in.ts";

const PROJECT = join(import.meta.dirname, "../../../..");

/** The stack `dev`, with changes. */
export function devStack(change: (settings: SettingsInput) => void = () => undefined): Stack {
  const { config } = parseYaml(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8")) as { config: SettingsInput };
  const entries = Object.entries(config).map(([key, value]) => [key.replace(/^.*:/, ""), value]);
  const { credentials: _, ...settings } = Object.fromEntries(entries) as SettingsInput;
  change(settings);
  return parseStack(settings);
}

export interface ManagementRun {
  /** Text of a kubeconfig. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  readonly stack?: Stack | undefined;
  readonly clusters?: readonly string[] | undefined;
  readonly recorded?: RecordedCluster | undefined;
  /** PEM texts of trust bundles, by their path. @default one without a certificate */
  readonly bundles?: Bundles | undefined;
  readonly renderChart?: RenderChart;
}

export const ALL = MANAGEMENT_CHECKS.map(({ id }) => id);

/** The lines of checks, by their ids. */
export function runManagementChecks(ids: readonly string[], run: ManagementRun): Promise<string[]> {
  const { stack = devStack(), clusters, kubeconfig, context, recorded, renderChart } = run;
  const { bundles = { prismCentral: "-----BEGIN CERTIFICATE-----" } } = run;
  const options = {
    stack,
    ...(clusters && { clusters }),
    bundles,
    management: { kubeconfig: new Secret(kubeconfig), context, recorded },
    renderChart,
  };
  const checks = ids.flatMap((id) => MANAGEMENT_CHECKS.filter((check) => check.id === id));
  assert.equal(checks.length, ids.length);
  return reportLines(checks, checkContext(options), { deadline: 20 });
}

/** What a management cluster has, and how the stack differs from `dev`. */
export interface ManagementScenario
  extends ApiServerStandInOptions,
    Pick<ManagementRun, "clusters" | "recorded" | "bundles"> {
  readonly stack?: (settings: SettingsInput) => void;
}

/** Runs one check against a stand-in. */
export async function runScenario(
  id: string,
  { stack, clusters, recorded, bundles, ...options }: ManagementScenario,
): Promise<string[]> {
  const api = await startApiServer(options);
  try {
    return await runManagementChecks([id], {
      ...{ kubeconfig: api.kubeconfig, stack: devStack(stack) },
      ...{ clusters, recorded, bundles },
    });
  } finally {
    await api.close();
  }
}

/** One test for each scenario of a check. */
export function describeCheck(id: string, scenarios: Scenarios<ManagementScenario>): void {
  describe(`the check ${id}`, () => {
    for (const [title, [scenario, ...lines]] of Object.entries(scenarios)) {
      it(title, async () => {
        assert.deepEqual(
          (await runScenario(id, scenario)).map((line) => line.slice(id.length)),
          lines,
        );
      });
    }
  });
}

/** A live object: `v1 Secret default/one`. */
export function live(
  reference: string,
  more: Partial<KubernetesObject> & Record<string, unknown> = {},
): KubernetesObject {
  const [apiVersion = "", kind = "", path = ""] = reference.split(" ");
  const [name = "", namespace] = path.split("/").reverse();
  const { metadata, ...rest } = more;
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...metadata }, ...rest };
}

const K0RDENT = "k0rdent.mirantis.com/v1beta1";

/** kcm of a version: its controller, its Release and its Management, all ready. */
export function kcm(version = "1.2.0", management: Record<string, unknown> = {}): KubernetesObject[] {
  const names = ["cluster-api-provider-k0sproject-k0smotron", "projectsveltos"];
  const release = `kcm-${version.replaceAll(".", "-")}`;
  const template = "cluster-api-provider-nutanix-1-0-0";
  const success = { success: true };
  return [
    live("apps/v1 Deployment kcm-system/kcm-controller-manager", { status: { availableReplicas: 1 } }),
    live(`${K0RDENT} Release ${release}`, {
      spec: { version, providers: names.map((name) => ({ name })) },
      status: { ready: true },
    }),
    live(`${K0RDENT} Management kcm`, {
      metadata: { name: "kcm", generation: 2 },
      spec: {
        release,
        providers: [...names.map((name) => ({ name })), { name: "cluster-api-provider-nutanix", template }],
      },
      status: {
        observedGeneration: 2,
        conditions: [{ type: "Ready", status: "True", reason: "AllComponentsHealthy" }],
        components: Object.fromEntries(
          ["kcm", "capi", ...names, "cluster-api-provider-nutanix"].map((name) => [name, success]),
        ),
      },
      ...management,
    }),
    live(`${K0RDENT} ProviderTemplate ${template}`, { status: { valid: true } }),
  ];
}
