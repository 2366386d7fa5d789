import assert from "node:assert/strict";
import { join } from "node:path";
import { compareStacks } from "../../../../cli/review/compare.ts";
import { type Review, review } from "../../../../cli/review/model.ts";
import { LONGEST_PAGE, page } from "../../../../cli/review/page.ts";
import { PROJECT } from "../../../../cli/stack/paths.ts";
import { repository } from "../../../integration/cli/review/repository.ts";
import { BEFORE, changed } from "./review-fixture.ts";

describe("the page", function () {
  this.timeout(60_000);

  /** Two hundred clusters with faults, rolls and long fields. */
  function large(): Review {
    const capacity = {
      before: { machines: 5, vcpus: 20, memoryGib: 40, diskGib: 200 },
      after: { machines: 9, vcpus: 36, memoryGib: 72, diskGib: 360 },
      surge: { machines: 1, vcpus: 4, memoryGib: 8, diskGib: 40 },
    };
    const names = Array.from({ length: 200 }, (_, index) => `cluster-${index}`);
    return {
      stack: "shop",
      source: "render",
      compared: { base: "main", head: "change" },
      verdict: "violations",
      violations: names.map((name) => `clusters.${name}: ${"wrong ".repeat(60)}`),
      warnings: names.map((name) => `clusters.${name}: ${"odd ".repeat(60)}`),
      settings: [],
      secrets: names.map((name) => ({ path: `credentials.${name}.password`, operation: "update" as const })),
      clusters: names.map((name, index) => ({
        name,
        operation: index === 199 ? "delete" : "update",
        mode: "hcp",
        changes: [
          {
            operation: "update" as const,
            kind: "ClusterDeployment",
            name,
            fields: Array.from({ length: 60 }, (_, field) => ({
              path: `values.${"deep.".repeat(field)}field`,
              before: "a".repeat(500),
              after: "b".repeat(500),
            })),
          },
        ],
        summary: [],
        rollouts: [{ group: "md", machines: 5, how: "replaced" as const, why: ["memorySize"] }],
        notes: [],
        capacity,
      })),
      unchanged: [],
      shared: [],
      capacity,
      graph: {
        nodes: names.map((name) => ({
          id: `ClusterDeployment ${name}`,
          label: `ClusterDeployment ${name}`,
          operation: "update" as const,
          cluster: name,
        })),
        edges: [],
      },
      unknown: [],
    };
  }

  it("of 200 changed clusters is no longer than a comment may be, and begins with what matters", () => {
    const text = page(large());
    assert.ok(text.length <= LONGEST_PAGE, `${text.length} characters`);
    assert.ok(text.length > 5_000);
    assert.ok(text.startsWith("<!-- k0rdent-nutanix review: shop -->\n## Stack `shop`: violations\n\n"));
    assert.match(text, /\*\*1 cluster deleted\*\*/);
    assert.ok(text.includes("cluster-199"), "the deleted cluster is left out");
    assert.match(text, /\n\n\(cut here: see the JSON of the review\)\n$/);
    assert.match(text, /- … and \d+ more/);
    assert.doesNotMatch(text, /```/);
  });

  it("takes no heading, link, mention, table cell or picture out of what a user wrote", () => {
    const evil = 'x`|<img src=a>\n# owned\n[a](http://b) @somebody ]|"; end';
    const found = large();
    const text = page({
      ...found,
      violations: [evil],
      warnings: [],
      secrets: [{ path: evil, operation: "update" }],
      clusters: [
        {
          ...(found.clusters[0] as Review["clusters"][number]),
          changes: [
            {
              operation: "update",
              kind: "ClusterDeployment",
              name: "x",
              fields: [{ path: evil, before: evil, after: `${evil} `.replace(/\n/g, " ") }],
            },
          ],
        },
      ],
      graph: { nodes: [{ id: "a", label: `ConfigMap ${evil}`, operation: "update", cluster: "cluster-0" }], edges: [] },
    });
    assert.doesNotMatch(text, /^# owned/m);
    assert.doesNotMatch(text.replace(/`[^`\n]*`/g, ""), /[^\\]<img|[^\\]\]\(http|@somebody/);
    const pipes = text.split("\n").filter((line) => line.startsWith("| ") && line.includes("owned"));
    assert.ok(pipes.length > 0);
    for (const line of pipes) assert.doesNotMatch(line.replaceAll("\\|", ""), /(\|.*){5}/);
    const [, picture = ""] = /```mermaid\n([\s\S]*?)```/.exec(text) ?? [];
    assert.match(picture, /n0\["ConfigMap<br\/>x___img_src_a__/);
  });
});

describe("a review from the engine's preview", function () {
  this.timeout(60_000);
  const sample = (name: string) => join(import.meta.dirname, "previews", `${name}.json`);

  it("shows what the engine would do, with the totals of the whole stack", async () => {
    const found = await compareStacks({ stack: "dev", workDir: PROJECT, preview: sample("update") });
    assert.deepEqual(review.parse(found), found);
    assert.equal(found.source, "preview");
    assert.deepEqual(found.clusters.find(({ name }) => name === "edge")?.rollouts, [
      { group: "control-plane", machines: 3, how: "replaced", why: ["memorySize"] },
    ]);
    assert.deepEqual(
      [found.capacity.before.machines, found.capacity.after.machines, found.capacity.surge.machines],
      [7, 9, 1],
    );
    const text = page(found);
    assert.match(text, /\| `Secret edge-capx-credentials` \| updated \| `data\.credentials` updated \(secret\) \|/);
    assert.ok(!`${text}${JSON.stringify(found)}`.includes("svc-edge"), "a user is shown");
  });

  it("that failed gives its error, and shows what changes between the stack files", async () => {
    const repo = repository(BEFORE);
    try {
      repo.write(
        "Pulumi.shop.yaml",
        changed((config) => Object.assign(config["clusters"].shop, { workersNumber: 9 })),
      );
      const found = await compareStacks({
        stack: "shop",
        base: "main",
        workDir: repo.folder,
        preview: sample("failed"),
      });
      assert.deepEqual(
        [found.source, found.verdict, found.clusters.map(({ name }) => name)],
        ["render", "violations", ["shop"]],
      );
      assert.match(found.violations.join(), /"127\.0\.0\.1" is a loopback address/);
      assert.match(found.unknown[0] ?? "", /^the engine's plan: its preview failed/);
    } finally {
      repo.remove();
    }
  });
});
