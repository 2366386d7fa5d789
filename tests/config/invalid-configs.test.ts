import assert from "node:assert/strict";
import { goodStack, PASSWORDS } from "../stack-fixture.ts";
import { CLUSTER_WORDS } from "./invalid-configs/cluster-keys.ts";
import { CLUSTER_PARTS } from "./invalid-configs/cluster-options.ts";
import type { WrongFile } from "./invalid-configs/invalid-config.ts";
import { MALICIOUS } from "./invalid-configs/malicious.ts";
import { POLICY } from "./invalid-configs/policy-keys.ts";
import { JUDGED } from "./invalid-configs/policy-violations.ts";
import { PRISM_CENTRAL } from "./invalid-configs/prism-central-keys.ts";
import { STACK_KEYS } from "./invalid-configs/stack-keys.ts";
import { refusalOf, startReading } from "./read-stack.ts";

const GROUPS = { STACK_KEYS, PRISM_CENTRAL, CLUSTER_WORDS, CLUSTER_PARTS, JUDGED, MALICIOUS, POLICY };
const FILES: readonly WrongFile[] = Object.values(GROUPS).flat();

/** A text as it stands, and as JSON or a shell would write it. */
function spellings(text: string): string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  return [text, escaped, JSON.stringify(escaped).slice(1, -1), encodeURIComponent(text)];
}

describe("a wrong stack file", () => {
  before(() => startReading());

  for (const { name, change, lines, ...options } of FILES) {
    it(`is refused for ${name}`, () => {
      const file = goodStack();
      change(file);
      const message = refusalOf(file, options);
      assert.equal(message, ["Pulumi.dev.yaml:", ...lines.map((line) => `  - ${line}`)].join("\n"));
      for (const password of [...Object.values(PASSWORDS), "canary"]) {
        for (const spelling of spellings(password)) assert.ok(!message?.includes(spelling), "a password is shown");
      }
    }).timeout(20_000);
  }

  it("is one of more than a hundred here, each with a name of its own", () => {
    assert.equal(new Set(FILES.map(({ name }) => name)).size, FILES.length);
    assert.ok(FILES.length > 100);
  });

  it("is refused in lines that each say path, reason and remedy, in lower case", () => {
    for (const line of FILES.flatMap(({ lines }) => lines)) {
      assert.match(line, /^[^\s][^;]*: .*[^;.]; .+[^.]$/s, line);
      assert.doesNotMatch(line, /; [A-Z][a-z]/, line);
    }
  });
});

describe("a good stack file", () => {
  before(() => startReading());

  it("is taken", () => {
    assert.equal(refusalOf(goodStack()), undefined);
  });

  it("is taken with its clusters in files of their own", () => {
    const { clusters, ...file } = goodStack();
    const files = Object.fromEntries(
      Object.entries(clusters as object).map(([name, cluster]) => [
        `clusters/dev/${name}.yaml`,
        JSON.stringify(cluster),
      ]),
    );
    assert.equal(refusalOf(file, { files }), undefined);
  });

  it("is taken in its smallest form: four keys, and no credential but the global one", () => {
    const { credentials } = goodStack();
    const file = {
      management: { kubeconfig: "kubeconfig" },
      prismCentral: { address: "10.1.1.100" },
      credentials: { global: credentials.global },
    };
    assert.equal(refusalOf(file), undefined);
  });

  it("is taken when the management cluster's kubeconfig is not there yet, in a preview", () => {
    const file = goodStack();
    file["management"].kubeconfig = "nowhere/kubeconfig";
    assert.equal(refusalOf(file), undefined);
  });
});
