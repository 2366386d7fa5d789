import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { compareStacks } from "../../../../cli/review/compare.ts";
import type { ObjectChange, Review } from "../../../../cli/review/model.ts";
import { PROJECT } from "../../../../cli/stack/paths.ts";
import { repository } from "./repository.ts";

const BEFORE = readFileSync(join(PROJECT, "docs", "guides", "review", "before.yaml"), "utf8");
const SOURCE = "https://charts.example.com";

type Settings = Record<string, any>;

/** The stack file with services, changed. */
function withServices(change: (settings: Settings) => void): string {
  const file = parse(BEFORE) as { config: Settings };
  const settings: Settings = {
    serviceTemplates: { ingress: { repository: SOURCE, versions: ["4.12.1"] } },
    multiClusterServices: { shared: { clusterLabels: { tier: "edge" }, services: { ingress: {} } } },
    clusters: file.config["k0rdent-nutanix:clusters"],
  };
  settings["clusters"].shop.services = { ingress: { values: { replicas: 2 } } };
  change(settings);
  for (const [key, value] of Object.entries(settings)) file.config[`k0rdent-nutanix:${key}`] = value;
  return stringify(file);
}

async function reviewOf(change: (settings: Settings) => void): Promise<Review> {
  const repo = repository(withServices(() => undefined));
  try {
    repo.write("Pulumi.shop.yaml", withServices(change));
    repo.commit("Change services");
    return await compareStacks({ stack: "shop", base: "main", workDir: repo.folder });
  } finally {
    repo.remove();
  }
}

const lines = (changes: readonly ObjectChange[] = []) =>
  changes.map(({ operation, kind, name }) => `${operation} ${kind}/${name.replace(/-[0-9a-f]{8}$/, "-…")}`).sort();

describe("the review of services", function () {
  this.timeout(60_000);

  it("has the objects of a new version, and what it changes in clusters, whose machines stay", async () => {
    const review = await reviewOf(({ serviceTemplates }) => serviceTemplates.ingress.versions.push("4.13.0"));
    assert.deepEqual(lines(review.shared), [
      "create ServiceTemplate/ingress-4-13-0",
      "create ServiceTemplateChain/ingress-…",
      "delete ServiceTemplateChain/ingress-…",
      "update MultiClusterService/shared",
    ]);
    const [shop] = review.clusters;
    assert.deepEqual([review.clusters.length, shop?.name, shop?.rollouts], [1, "shop", []]);
    assert.deepEqual(lines(shop?.changes), ["update ClusterDeployment/shop"]);
    const fields = shop?.changes[0]?.fields.filter(({ path }) => path.endsWith(".template"));
    assert.deepEqual(fields, [
      { path: "spec.serviceSpec.services[0].template", before: "ingress-4-12-1", after: "ingress-4-13-0" },
    ]);
  });

  it("has the values that change", async () => {
    const { clusters, shared } = await reviewOf((settings) => {
      settings["clusters"].shop.services.ingress.values.replicas = 3;
    });
    assert.deepEqual(shared, []);
    assert.deepEqual(clusters[0]?.changes[0]?.fields, [
      { path: "spec.serviceSpec.services[0].values", before: "replicas: 2\n", after: "replicas: 3\n" },
    ]);
  });

  it("rejects a secret in values, and does not show it", async () => {
    const review = await reviewOf((settings) => {
      settings["clusters"].shop.services.ingress.values.password = "Pa55word-canary";
    });
    assert.equal(review.verdict, "violations");
    assert.match(review.violations.join("\n"), /services\.ingress\.values.*\(secrets-are-not-in-plain-text\)/);
    assert.doesNotMatch(JSON.stringify(review), /Pa55word-canary/);
  });
});
