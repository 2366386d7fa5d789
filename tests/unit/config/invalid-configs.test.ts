import assert from "node:assert/strict";
import { PASSWORDS, pem, validStack } from "../../support/stack-fixture.ts";
import { CLUSTER_FILES } from "./invalid-configs/cluster-files.ts";
import { CLUSTER_SETTINGS } from "./invalid-configs/cluster-settings.ts";
import { type InvalidConfig, readCases } from "./invalid-configs/invalid-config.ts";
import { POLICY_SETTINGS } from "./invalid-configs/policy-settings.ts";
import { PRISM_CENTRAL_SETTINGS } from "./invalid-configs/prism-central-settings.ts";
import { SERVICE_SETTINGS } from "./invalid-configs/service-settings.ts";
import { STACK_SETTINGS } from "./invalid-configs/stack-settings.ts";
import { readError, readStack, startReading } from "./read-stack.ts";

const CASES: readonly InvalidConfig[] = [
  ...["stack.yaml", "clusters.yaml", "policies.yaml"].flatMap(readCases),
  ...[
    STACK_SETTINGS,
    PRISM_CENTRAL_SETTINGS,
    CLUSTER_FILES,
    CLUSTER_SETTINGS,
    SERVICE_SETTINGS,
    POLICY_SETTINGS,
  ].flat(),
];

/** A text as it stands, and as JSON or a shell would write it. */
function spellings(text: string): string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  return [text, escaped, JSON.stringify(escaped).slice(1, -1), encodeURIComponent(text)];
}

describe("an invalid stack file", () => {
  before(() => startReading());

  for (const { name, change, lines = [], violations, ...options } of CASES) {
    it(`is rejected: ${name}`, () => {
      const file = validStack();
      change(file);
      const message = readError(file, options);
      if (violations === undefined) {
        assert.equal(message, ["Pulumi.dev.yaml:", ...lines.map((line) => `  - ${line}`)].join("\n"));
      } else {
        const [heading, ...reported] = (message ?? "").split("\n");
        assert.equal(heading, "Pulumi.dev.yaml:");
        const located = reported.map((line) => line.replace(/^ {2}- (.*?): .* (\([a-z0-9-]+\)); .*$/, "$1 $2"));
        assert.deepEqual(located.sort(), [...violations].sort());
      }
      for (const password of [...Object.values(PASSWORDS), "canary"]) {
        for (const spelling of spellings(password)) assert.ok(!message?.includes(spelling), "a password is shown");
      }
    }).timeout(20_000);
  }

  it("is rejected for more settings than Pulumi can start its program with", () => {
    const networks = Object.fromEntries(Array.from({ length: 3500 }, (_, n) => [`n${n}`, { cidr: "10.1.1.0/24" }]));
    assert.match(
      readError({ ...validStack(), networks }) ?? "",
      /^ {2}- stack: has 1\d\d KiB of settings, and Pulumi cannot start its program with more than 120; move clusters to files, clusters\/dev\/<name>\.yaml, /m,
    );
  });

  it("is one of more than a hundred here, each with a name of its own", () => {
    assert.equal(new Set(CASES.map(({ name }) => name)).size, CASES.length);
    assert.ok(CASES.length > 100);
  });

  it("is rejected in lines that each say path, reason and remedy, in lower case", () => {
    for (const line of CASES.flatMap(({ lines = [] }) => lines)) {
      assert.match(line, /^[^\s][^;]*: .*[^;.]; .+[^.]$/s, line);
      assert.doesNotMatch(line, /; [A-Z][a-z]/, line);
    }
  });
});

describe("a valid stack file", () => {
  before(() => startReading());

  it("is taken", () => {
    assert.equal(readError(validStack()), undefined);
  });

  it("is taken with its clusters in files of their own", () => {
    const { clusters, ...file } = validStack();
    const files = Object.fromEntries(
      Object.entries(clusters as object).map(([name, cluster]) => [
        `clusters/dev/${name}.yaml`,
        JSON.stringify(cluster),
      ]),
    );
    assert.equal(readError(file, { files }), undefined);
  });

  it("is taken with a cluster file that merges an anchor, and reads its numbers as the stack file does", () => {
    const { clusters, ...file } = validStack();
    const { machineDefaults, nutanix, ...demo } = clusters["demo"];
    const text = [
      `machineDefaults: &machines ${JSON.stringify(machineDefaults)}`,
      "worker: { <<: *machines, vcpuSockets: 010 }",
      `nutanix: ${JSON.stringify(nutanix)}`,
      ...Object.entries({ ...demo, worker: undefined, workerPools: undefined, controlPlaneNumber: 3 }).flatMap(
        ([key, value]) => (value === undefined ? [] : [`${key}: ${JSON.stringify(value)}`]),
      ),
    ];
    const files = { "clusters/dev/demo.yaml": text.join("\n") };
    const read = readStack({ ...file, clusters: { edge: clusters["edge"] } }, { files });
    assert.equal(read.clusters["demo"]?.worker?.vcpuSockets, 8);
  });

  it("is taken in its smallest form: four keys, and no credential but the global one", () => {
    const { credentials } = validStack();
    const file = {
      management: { kubeconfig: "kubeconfig" },
      prismCentral: { address: "10.1.1.100" },
      credentials: { global: credentials.global },
    };
    assert.equal(readError(file), undefined);
  });

  it("has trust bundles as Go reads all of them, without anything else", () => {
    const [first, second] = [pem("authority"), pem("second-authority")];
    const file = validStack();
    const joined = first.trim() + second.replaceAll("\n", "\r\n  ");
    file["prismCentral"].trustBundle = { pem: `\ufeff# Example CA\n  ${joined}\npassword: canary\n` };
    assert.equal(readStack(file).bundles["prismCentral"], first + second);
  });

  it("is taken when the management cluster's kubeconfig is not there yet, in a preview", () => {
    const file = validStack();
    file["management"].kubeconfig = "nowhere/kubeconfig";
    assert.equal(readError(file), undefined);
  });
});
