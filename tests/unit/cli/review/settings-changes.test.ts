import assert from "node:assert/strict";
import { buildReview } from "../../../../cli/review/build-review.ts";
import { page } from "../../../../cli/review/page.ts";
import { settingsChanges, settingsWarnings } from "../../../../cli/review/settings-changes.ts";
import { parse } from "../../../../schema/parse.ts";
import { type Stack, stack } from "../../../../schema/stack.ts";
import { validInput } from "../../../support/stack-fixture.ts";

// Tests change what they like, at any depth.
function changed(change: (file: any) => void): Stack {
  const file = validInput();
  change(file);
  const { value, violations } = parse(stack, file, { at: "" });
  assert.deepEqual(violations, []);
  return value as Stack;
}

const before = changed(() => undefined);

function reviewOf(after: Stack): string {
  const settings = settingsChanges(before, after);
  const compared = { base: "main", head: "branch" };
  return page(
    buildReview({
      ...{ stack: "prod", environment: after.environment, source: "render", compared, settings, secrets: [] },
      ...{ violations: [], warnings: settingsWarnings(settings), unknown: [], diffs: [], others: [] },
    }),
  );
}

describe("changed settings of a stack file", () => {
  it("are those that change no object, and everything else but clusters, with the environment first", () => {
    const after = changed((file) => {
      file.environment = "dev";
      file.policy["charts-use-allowed-registries"] = { registries: ["oci://ghcr.io"] };
      delete file.policy["stack-is-within-quota"];
      file.networks["VM-Network"].pools = [];
      file.peerStacks = ["other"];
      file.preflight = { skip: { "image-exists": "uploaded by night" } };
      file.management.timeouts.cluster = 1;
      file.prismCentral.insecure = true;
      file.clusters.edge.protect = false;
    });
    assert.deepEqual(
      settingsChanges(before, after).map(({ path }) => path),
      [
        "environment",
        "clusters.edge.protect",
        "management.timeouts.cluster",
        "networks.VM-Network.pools",
        "peerStacks",
        "policy.charts-use-allowed-registries.registries",
        "policy.stack-is-within-quota.clusters",
        "policy.stack-is-within-quota.machines",
        "policy.stack-is-within-quota.memoryGib",
        "policy.stack-is-within-quota.vcpus",
        "preflight.skip.image-exists",
        "prismCentral.insecure",
      ],
    );
  });

  it("begin the page where the environment changes, and warn where it is weaker", () => {
    const text = reviewOf(changed((file) => (file.environment = "dev")));
    const [title, , first] = text.split("\n").slice(1);
    assert.equal(title, "## Stack `prod`: passed with warnings");
    assert.equal(first, "**environment `production` → `dev`**");
    assert.match(text, /### Warnings\n\n- environment: "dev" instead of "production" makes policies advisory/);
    assert.match(text, /### Settings of the stack file\n\n\| field +\| before +\| after +\|/);
  });

  it("are none where nothing or only a cluster changes", () => {
    assert.deepEqual(settingsChanges(before, before), []);
    assert.deepEqual(
      settingsChanges(
        before,
        changed((file) => (file.clusters.demo.workersNumber = 5)),
      ),
      [],
    );
    assert.deepEqual(settingsChanges(undefined, before), []);
    assert.doesNotMatch(reviewOf(before), /Settings|environment \*\*/);
  });

  it("do not warn of a stricter environment", () => {
    const dev = changed((file) => (file.environment = "dev"));
    assert.deepEqual(settingsWarnings(settingsChanges(dev, before)), []);
  });
});
