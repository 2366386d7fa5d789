/** Changed settings of a stack file: what decides how a stack is judged and written, and may change no object. */
import type { Plain } from "../../policy/rules/plain-values.ts";
import { ENVIRONMENTS, type Stack } from "../../schema/stack.ts";
import { differences } from "./fields.ts";
import type { FieldChange } from "./model.ts";

/** Settings of clusters that no object has. */
const CLUSTER_SETTINGS = ["protect", "waitForReady", "allowControlPlaneRollout", "credential"] as const;

/** Changed settings by path, the environment first; none where one of the two stacks is unknown. */
export function settingsChanges(before: Stack | undefined, after: Stack | undefined): FieldChange[] {
  if (before === undefined || after === undefined) return [];
  const names = Object.keys(after.clusters).filter((name) => Object.hasOwn(before.clusters, name));
  const [old, next] = [before, after].map((stack) => settingsOf(stack, names)) as [Plain, Plain];
  const isEnvironment = ({ path }: FieldChange) => path === "environment";
  const changes = differences(old, next);
  return [...changes.filter(isEnvironment), ...changes.filter((change) => !isEnvironment(change))];
}

function settingsOf({ clusters, ...settings }: Stack, names: readonly string[]): Plain {
  const ofCluster = (name: string) => {
    const cluster = clusters[name] as Plain | undefined;
    return Object.fromEntries(CLUSTER_SETTINGS.map((key) => [key, cluster?.[key]]));
  };
  return { ...settings, clusters: Object.fromEntries(names.map((name) => [name, ofCluster(name)])) };
}

/** What weakens every policy at once. */
export function settingsWarnings(changes: readonly FieldChange[]): string[] {
  const environment = changes.find(({ path }) => path === "environment");
  const [old, next] = [environment?.before, environment?.after].map((one) => ENVIRONMENTS.indexOf(one as never));
  if (environment === undefined || (next ?? 0) >= (old ?? 0)) return [];
  return [
    `environment: ${JSON.stringify(environment.after)} instead of ${JSON.stringify(environment.before)} makes policies advisory that were mandatory; set it back unless the stack has no users`,
  ];
}
