import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ago, type ClusterFixture, condition, type Live, object } from "./cluster-fixture.ts";

/** One fault of an otherwise healthy management cluster, and the cause that the doctor reports first. */
export interface FailureScenario {
  readonly id: string;
  readonly cause: string;
  readonly apply: (fixture: ClusterFixture) => void;
}

type PerObject<T> = Readonly<Record<string, T>>;

/** What differs from the healthy cluster; objects are written as kind/name. */
interface Difference extends Partial<Pick<ClusterFixture, "events" | "logs" | "probes" | "gaps" | "planned">> {
  /** Error of a component of Management, per component. */
  readonly components?: Readonly<Record<string, string>>;
  /** Error of the Prism Central client of demo. */
  readonly prismClient?: string;
  /** Error with which CAPX has given up the machine of demo: at 1.7 every error during creation does that. */
  readonly failedMachine?: string;
  /** Whether kcm and Cluster API report that demo is not ready. */
  readonly notReady?: boolean;
  readonly remove?: readonly string[];
  /** The finalizer of objects that have been terminating for half an hour. */
  readonly deleting?: PerObject<string>;
  /** Merge patches. */
  readonly patch?: PerObject<Live>;
  /** Fields of conditions, by type. @default status "False", reason Failed */
  readonly conditions?: PerObject<Readonly<Record<string, Live>>>;
  readonly add?: readonly ({ kind: string; name: string } & Live)[];
}

const MACHINE = "demo-md-abc-x7";
const FAILED = { failureReason: "CreateError", nodeRef: null, vmUUID: null };
const NOT_READY: Difference = {
  conditions: {
    "ClusterDeployment/demo": {
      Ready: { message: "Cluster is not ready" },
      CAPIClusterSummary: { reason: "IssuesReported" },
    },
    "Cluster/demo": { Ready: { reason: "NotReady" } },
  },
};

function change(fixture: ClusterFixture, difference: Difference): void {
  const { components, prismClient, failedMachine: failureMessage } = difference;
  if (difference.notReady || prismClient !== undefined || failureMessage !== undefined) change(fixture, NOT_READY);
  if (components !== undefined) {
    const failed = Object.entries(components).map(([name, error]) => [name, { success: false, error }]);
    change(fixture, {
      patch: { "Management/kcm": { status: { components: Object.fromEntries(failed) } } },
      conditions: { "Management/kcm": { Ready: { reason: "NotAllComponentsHealthy" } } },
    });
  }
  if (prismClient !== undefined) {
    const fields = { reason: "PrismClientInitFailed", message: prismClient };
    change(fixture, {
      patch: { "NutanixCluster/demo": { status: { ready: false } } },
      conditions: { "NutanixCluster/demo": { PrismClientInit: fields } },
    });
  }
  if (failureMessage !== undefined) {
    change(fixture, {
      patch: {
        [`NutanixMachine/${MACHINE}`]: { status: { ...FAILED, failureMessage, ready: false, conditions: [] } },
        [`Machine/${MACHINE}`]: { status: { ...FAILED, failureMessage, phase: "Failed", conditions: null } },
      },
    });
  }
  for (const [key, types] of Object.entries(difference.conditions ?? {})) {
    const { status } = objectIn(fixture, key);
    for (const [type, { status: value = "False", ...fields }] of Object.entries(types))
      status.conditions = [
        ...(status.conditions ?? []).filter((one: Live) => one["type"] !== type),
        condition(type, value, fields),
      ];
  }
  for (const [key, finalizer] of Object.entries(difference.deleting ?? {}))
    Object.assign(objectIn(fixture, key)["metadata"], { deletionTimestamp: ago(30), finalizers: [finalizer] });
  for (const [key, patch] of Object.entries(difference.patch ?? {})) merge(objectIn(fixture, key), patch);
  for (const key of difference.remove ?? []) {
    const list = fixture.objects[key.split("/")[0] ?? ""] ?? [];
    list.splice(list.indexOf(objectIn(fixture, key)), 1);
  }
  for (const { kind, name, ...body } of difference.add ?? []) fixture.objects[kind]?.push(object(kind, name, body));
  for (const list of ["events", "logs", "probes", "gaps"] as const)
    (fixture[list] as unknown[]).push(...(difference[list] ?? []));
  if (difference.planned !== undefined) fixture.planned = difference.planned;
}

function objectIn(fixture: ClusterFixture, key: string): Live {
  const [kind = "", name] = key.split("/");
  const found = fixture.objects[kind]?.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${key}`);
  return found;
}

/** RFC 7386. */
function merge(target: Live, patch: Live): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete target[key];
    else if (typeof value === "object" && !Array.isArray(value)) {
      target[key] ??= {};
      merge(target[key], value);
    } else target[key] = value;
  }
}

const SCENARIOS: readonly ({ id: string; cause: string } & Difference)[] = parse(
  readFileSync(join(import.meta.dirname, "failure-scenarios.yaml"), "utf8"),
);

export const FAILURE_SCENARIOS = SCENARIOS.map(
  ({ id, cause, ...difference }): FailureScenario => ({
    id,
    cause,
    apply: (fixture) => change(fixture, structuredClone(difference)),
  }),
);
