import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { compareStacks } from "../../../../cli/review/compare.ts";
import { type Review, review } from "../../../../cli/review/model.ts";
import { LONGEST_PAGE, page } from "../../../../cli/review/page.ts";
import { PROJECT } from "../../../../cli/stack/paths.ts";
import { encodings } from "../../../e2e/engine/secret-canaries.ts";
import { type Repository, repository } from "../../../integration/cli/review/repository.ts";
import { freezeDate } from "../../../support/frozen-date.ts";

type Plain = Record<string, any>;
const BEFORE = readFileSync(join(PROJECT, "docs", "guides", "review", "before.yaml"), "utf8");
const PREFIX = "k0rdent-nutanix:";

/** The stack file of docs/guides/review, changed. */
function changed(change: (config: Plain) => void, text = BEFORE): string {
  const file = parse(text) as Plain;
  const config = Object.fromEntries(
    Object.entries(file["config"]).map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
  change(config);
  file["config"] = Object.fromEntries(Object.entries(config).map(([key, value]) => [PREFIX + key, value]));
  return stringify(file);
}

/** A review of one stack file that follows another. */
async function reviewOf(
  after: string,
  before = BEFORE,
  prepare: (repo: Repository) => void = () => undefined,
): Promise<Review> {
  const repo = repository(before);
  try {
    repo.write("Pulumi.shop.yaml", after);
    prepare(repo);
    repo.commit("change");
    return await compareStacks({ stack: "shop", base: "main", workDir: repo.folder });
  } finally {
    repo.remove();
  }
}

describe("a review", function () {
  this.timeout(60_000);
  freezeDate();

  it("is, as JSON, what its schema says, and nothing more", async () => {
    const found = await reviewOf(changed((config) => Object.assign(config["clusters"].shop, { workersNumber: 9 })));
    assert.deepEqual(review.parse(JSON.parse(JSON.stringify(found))), JSON.parse(JSON.stringify(found)));
    assert.deepEqual(
      found.clusters.map(({ name, operation, changes }) => [name, operation, changes.flatMap(({ fields }) => fields)]),
      [["shop", "update", [{ path: "workersNumber", before: 6, after: 9 }]]],
    );
    assert.deepEqual(found.unchanged, ["payments"]);
    assert.equal(found.verdict, "passed");
  });

  it("of nothing is short", async () => {
    const found = await reviewOf(`${BEFORE}# a word\n`);
    assert.deepEqual([found.clusters, found.shared, found.secrets], [[], [], []]);
    assert.match(
      page(found),
      /^<!-- .*-->\n## Stack `shop`: passed\n\n2 unchanged · no machine rolls · machines 12 → 12\n/,
    );
  });

  it("shows a deleted cluster boldly, and that Pulumi protects it", async () => {
    const text = page(await reviewOf(changed((config) => delete config["clusters"].payments)));
    assert.match(
      text,
      /### Cluster `payments` \(standalone\): \*\*deleted\*\*\n\nIt is protected: Pulumi does not delete it\.\n/,
    );
    assert.match(text, /\n- \*\*6 machines deleted\*\*\n/);
  });

  it("tells of a stack that the rules refuse what it would change, too", async () => {
    const found = await reviewOf(
      changed((config) => Object.assign(config["clusters"].payments, { controlPlaneNumber: 4 })),
    );
    assert.equal(found.verdict, "violations");
    assert.equal(found.violations.length, 1);
    assert.match(
      found.violations[0] ?? "",
      /^clusters\.payments\.controlPlaneNumber: .*\(control-plane-count-is-odd\)/,
    );
    assert.deepEqual(found.clusters[0]?.changes[0]?.fields, [{ path: "controlPlaneNumber", before: 3, after: 4 }]);
  });

  it("tells of a stack file that cannot be read why, and calls no cluster deleted", async () => {
    const found = await reviewOf(changed((config) => Object.assign(config["clusters"].shop, { mode: "hpc" })));
    assert.equal(found.verdict, "violations");
    assert.match(found.violations.join(), /^clusters\.shop\.mode: "hpc" /);
    assert.deepEqual(found.clusters, []);
    assert.ok(found.unknown.includes("changes: the stack file is not valid"));
  });

  it("shows a new stack as made, cluster files included", async () => {
    const repo = repository(BEFORE);
    try {
      const { payments } = parse(BEFORE).config[`${PREFIX}clusters`] as Plain;
      repo.write("clusters/other/payments.yaml", stringify(payments));
      repo.write(
        "Pulumi.other.yaml",
        changed((config) => delete config["clusters"].payments),
      );
      repo.commit("another");
      const found = await compareStacks({ stack: "other", base: "main", workDir: repo.folder });
      assert.match(found.compared.base, /^main \(\w{9}\), which does not have this stack$/);
      assert.deepEqual(
        found.clusters.map(({ name, operation }) => [name, operation]),
        [
          ["payments", "create"],
          ["shop", "create"],
        ],
      );
    } finally {
      repo.remove();
    }
  });

  it("says what is missing where there is no such commit or no such stack", async () => {
    const repo = repository(BEFORE);
    try {
      await assert.rejects(
        compareStacks({ stack: "shop", base: "nowhere", workDir: repo.folder }),
        /^Failure: --base: "nowhere" is not a commit of this clone; fetch it/,
      );
      await assert.rejects(
        compareStacks({ stack: "shopp", base: "main", workDir: repo.folder }),
        /^Failure: --stack: "shopp" has no Pulumi\.shopp\.yaml in /,
      );
    } finally {
      repo.remove();
    }
  });

  it("compares with what both sides have in common, not with what the base did since", async () => {
    const repo = repository(BEFORE);
    try {
      repo.git("checkout", "--quiet", "main");
      repo.write(
        "Pulumi.shop.yaml",
        changed((config) => Object.assign(config["clusters"].payments, { workersNumber: 9 })),
      );
      repo.commit("elsewhere");
      repo.git("checkout", "--quiet", "change");
      repo.write(
        "Pulumi.shop.yaml",
        changed((config) => Object.assign(config["clusters"].shop, { workersNumber: 9 })),
      );
      const found = await compareStacks({ stack: "shop", base: "main", workDir: repo.folder });
      assert.deepEqual(
        found.clusters.map(({ name }) => name),
        ["shop"],
      );
      assert.match(found.compared.head, /^the working tree on \w{9}$/);
    } finally {
      repo.remove();
    }
  });
});

describe("secrets in a review", function () {
  this.timeout(60_000);
  const cipher = (letter: string) => ({ secure: `v1:${letter.repeat(16)}:${letter.repeat(24)}` });

  it("are named where they change, and never shown, encrypted or not", async () => {
    const canaries = ["svc-canary@example.com", 'regi"stry-canary', cipher("b").secure];
    const found = await reviewOf(
      changed((config) => {
        config["credentials"].shop = { username: canaries[0], password: cipher("b") };
        config["management"].kcm = { values: { registry: { password: canaries[1], deep: [{ token: canaries[1] }] } } };
      }),
    );
    const texts = [page(found), JSON.stringify(found)];
    for (const text of texts) {
      for (const form of canaries.flatMap(encodings)) assert.ok(!text.includes(form), form);
    }
    assert.deepEqual(found.secrets, [
      { path: "credentials.shop.password", operation: "update" },
      { path: "credentials.shop.username", operation: "update" },
    ]);
    assert.match(
      texts[0] ?? "",
      /\| `Secret shop-capx-credentials` \| updated \| `stringData\.credentials` updated \(secret\) \|/,
    );
    assert.match(texts[0] ?? "", /\| `credentials\.shop\.password` \| updated \(secret\) \|/);
  });

  it("in plain text are violations, and are not shown", async () => {
    const found = await reviewOf(
      changed((config) => Object.assign(config["credentials"].shop, { password: "plain-canary" })),
    );
    assert.equal(found.verdict, "violations");
    assert.match(found.violations.join("\n"), /^credentials\.shop\.password: /m);
    assert.ok(!`${page(found)}${JSON.stringify(found)}`.includes("plain-canary"));
  });

  it("that all look different under another key are said to be unknown", async () => {
    const file = parse(BEFORE) as Plain;
    file["encryptionsalt"] = "v1:another=:v1:salt";
    const found = await reviewOf(
      changed((config) => Object.assign(config["credentials"].shop, { password: cipher("c") }), stringify(file)),
    );
    assert.match(found.unknown.join("\n"), /which secrets changed: the encryption key of the stack changed/);
  });
});

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

  it("takes no heading, link, mention, table cell or picture out of what somebody wrote", () => {
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

  it("tells what the engine would do, with the totals of the whole stack", async () => {
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

  it("that failed gives its error, and tells what changes from the stack files", async () => {
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
