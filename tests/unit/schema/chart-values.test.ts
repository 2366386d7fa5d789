import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as yaml } from "yaml";
import { type Config, clusterConfig, merge } from "../../../manifests/cluster-config.ts";
import { configViolations } from "../../../manifests/config-violations.ts";
import { CLUSTER_CHARTS } from "../../../manifests/names.ts";
import { CHART_VALUES } from "../../../schema/charts/index.ts";
import { atLeast } from "../../../schema/charts/value-types.ts";
import type { Cluster } from "../../../schema/cluster.ts";
import { clusterFileSchema, type JsonSchema, valuesSchema } from "../../../schema/json-schema.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, type StackInput, stack } from "../../../schema/stack.ts";
import { validInput } from "../../support/stack-fixture.ts";

/** Keys of the stack file that are the program's own, or that reach the chart in another form. */
const STACK_ONLY = ["mode", "credential", "labels", "waitForReady", "protect", "allowControlPlaneRollout", "values"];
STACK_ONLY.push("services", "serviceSettings", "cleanupOnDeletion");
STACK_ONLY.push("nutanix.prismCentral.trustBundle", "addons.csi.storageContainer");
/** Values that the program or kcm writes, or that `values` of the stack file may set. */
const CHART_ONLY = ["kcmLine", "clusterIdentity", "clusterLabels", "global", "nutanix-k0s-lib", "kubeVip", "k0smotron"];
CHART_ONLY.push("encryptionAtRest.secretName", "loadBalancing.authPass", "addons.ccm.trustBundle");
CHART_ONLY.push("k0s.config.apiVersion", "k0s.config.kind", "k0s.config.metadata", "k0s.config.spec");

/** Paths of the keys of objects, with `*` for the entries of maps. */
function keys(node: JsonSchema, path = ""): string[] {
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const entries = Object.entries(node.properties ?? {});
  const below = entries.flatMap(([key, value]) => [at(key), ...keys(value, at(key))]);
  const { additionalProperties: entry } = node;
  return typeof entry === "object" && entry.properties ? [...below, ...keys(entry, at("*"))] : below;
}

const without = (all: readonly string[], tops: readonly string[]) =>
  [...new Set(all.filter((path) => !tops.some((top) => path === top || path.startsWith(`${top}.`))))].sort();

for (const mode of ["hcp", "standalone"] as const) {
  describe(`the values of nutanix-k0s-${mode}`, () => {
    const chart = CLUSTER_CHARTS[mode];
    const values = CHART_VALUES[chart];
    assert.ok(values);

    it("have the keys of a cluster in the stack file", () => {
      const inStack = clusterFileSchema().oneOf?.find(({ properties }) => properties?.["mode"]?.const === mode);
      const expected = without(keys(inStack ?? {}), STACK_ONLY);
      assert.deepEqual(without(keys(valuesSchema(chart, values)), CHART_ONLY), expected);
      assert.ok(expected.length > 90);
    });

    it("accept what the program writes to ClusterDeployment.spec.config", () => {
      const { clusters, prismCentral } = parse(stack, validInput() as unknown as StackInput, { at: "" }).value as Stack;
      const ours = Object.entries(clusters).filter(([, cluster]) => cluster.mode === mode);
      assert.ok(ours.length > 0);
      for (const [name, cluster] of ours) {
        assert.deepEqual(configViolations(name, cluster, clusterConfig(cluster, { name, prismCentral })), []);
      }
    });

    it("reject, before Helm does, what their JSON Schema rejects", () => {
      const folder = join(import.meta.dirname, "../../integration/charts");
      const read = (file: string) => yaml(readFileSync(join(folder, file), "utf8"));
      const invalid = read("invalid-values.yaml");
      const rows = Object.entries<[object, string]>({ ...invalid.both, ...invalid[mode] });
      // What the templates check, policies and the stack's schema check here.
      const bySchema = rows.filter(([, [, error]]) => /'\/|additional propert/.test(error));
      assert.ok(bySchema.length > 50);
      const cluster = { mode, values: {} } as unknown as Cluster;
      for (const [what, [change]] of bySchema) {
        const violations = configViolations("", cluster, merge(read(`values/${mode}/base.yaml`), change as Config));
        assert.notDeepEqual(violations, [], what);
      }
    });
  });
}

describe("an amount of at least 2Gi", () => {
  for (const [amount, isEnough] of Object.entries({
    "2Gi": true,
    "10Gi": true,
    "1Gi": false,
    "2048Mi": true,
    "2047Mi": false,
    "3000Mi": true,
    "2097152Ki": true,
    "2097151Ki": false,
    "1Ti": true,
    "0Ti": false,
    "2G": false,
    "3G": true,
    "2148M": true,
    "2147M": false,
    "2147484k": true,
    "2147483k": false,
    "02Gi": false,
    "2": false,
    "2GB": false,
    "2.5Gi": false,
    "20000000000k": true,
  })) {
    it(`${isEnough ? "is" : "is not"} ${amount}`, () =>
      assert.equal(atLeast("2Gi").safeParse(amount).success, isEnough));
  }
});
