import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import type { RecordedCluster } from "../../../preflight/check.ts";
import { type StandInOptions, standIn } from "./api-stand-in.ts";
import { ask, devStack } from "./run-check.ts";

/** What a management cluster holds, what the stack says, and what the check answers. */
export interface Case extends StandInOptions {
  readonly stack?: (settings: Record<string, any>) => void;
  readonly clusters?: readonly string[];
  readonly remembered?: RecordedCluster;
  /** Lines, without the check's id before them. */
  readonly says: readonly string[];
}

/** Declares one test a case; its name is behind the check's id. */
export function describeCheck(id: string, cases: Readonly<Record<string, Case>>): void {
  describe(`the check ${id}`, () => {
    for (const [name, { stack, clusters, remembered, says, ...options }] of Object.entries(cases)) {
      it(name, async () => {
        const api = await standIn(options);
        try {
          const lines = await ask([id], {
            kubeconfig: api.kubeconfig,
            stack: devStack(stack),
            ...(clusters === undefined ? {} : { clusters }),
            ...(remembered === undefined ? {} : { remembered }),
          });
          assert.deepEqual(
            lines,
            says.map((line) => `${id}${line}`),
          );
        } finally {
          await api.close();
        }
      });
    }
  });
}

/** A live object in few words. */
export function live(place: string, more: Partial<KubernetesObject> & Record<string, unknown> = {}): KubernetesObject {
  const [apiVersion = "", kind = "", path = ""] = place.split(" ");
  const [namespace, name] = path.includes("/") ? path.split("/") : [undefined, path];
  const { metadata, ...rest } = more;
  return {
    apiVersion,
    kind,
    metadata: { name: name ?? "", ...(namespace ? { namespace } : {}), ...metadata },
    ...rest,
  };
}

const K0RDENT = "k0rdent.mirantis.com/v1beta1";

/** kcm of a version: its controller, its Release and its Management, all well. */
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
