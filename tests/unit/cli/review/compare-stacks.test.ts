import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { compareStacks } from "../../../../cli/review/compare.ts";
import { type Review, review } from "../../../../cli/review/model.ts";
import { page } from "../../../../cli/review/page.ts";
import { encodings } from "../../../e2e/engine/secret-canaries.ts";
import { type Repository, repository } from "../../../integration/cli/review/repository.ts";
import { freezeDate } from "../../../support/frozen-date.ts";
import { BEFORE, changed, type Plain, PREFIX } from "./review-fixture.ts";

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

  it("shows what changes also where policies are violated", async () => {
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

  it("says why a stack file cannot be read, and calls no cluster deleted", async () => {
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
      rmSync(join(repo.folder, ".git"), { recursive: true });
      await assert.rejects(
        compareStacks({ stack: "shop", workDir: repo.folder }),
        /^Failure: --base: git reads no repository in .* \(not a git repository .*\); run review in a clone/,
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
