import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { stackSubjects } from "../../manifests/stack.ts";
import { RULES } from "../../policy/rules/index.ts";
import { stack as stackSchema } from "../../schema/stack.ts";
import { type Sound, sound, type Written } from "./pack-fixture.ts";
import { type PackServer, startPack, urnOf, type Violation } from "./pack-server.ts";
import { put, WRONG, type Wrong } from "./pack-wrong.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const ENVIRONMENTS = ["dev", "staging", "production"] as const;
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

/** Policies that refuse in every environment but those named here, where they warn. */
const LENIENT: Readonly<Record<string, readonly string[]>> = {
  "prism-central-is-verified": ["dev"],
  "production-control-plane-is-redundant": ["dev", "staging"],
  "kcm-line-is-tested": ["dev", "staging", "production"],
  "provider-chart-is-this-projects": ["dev", "staging", "production"],
};

describe("the policy pack, asked as the engine asks it", function () {
  this.timeout(120_000);
  const packs = new Map<string, PackServer>();
  const pack = () => packs.get("production")!;

  before(async () => {
    const started = ENVIRONMENTS.map((environment) =>
      startPack(undefined, { "k0rdent-nutanix:environment": environment }),
    );
    for (const [index, server] of (await Promise.all(started)).entries()) packs.set(ENVIRONMENTS[index]!, server);
  });
  after(() => {
    for (const server of packs.values()) server.stop();
  });

  it("breaks every rule in these tests", () => {
    assert.deepEqual(new Set(WRONG.map(({ rule }) => rule)), new Set(RULES.map(({ name }) => name)));
  });

  it("says nothing of sound resources", async () => {
    assert.deepEqual(await judged(pack(), Object.values(sound())), []);
  });

  it("says nothing of the dev stack", async () => {
    assert.deepEqual(await judged(packs.get("dev")!, devStack()), []);
  });

  it("says nothing of resources that are no Kubernetes objects, whatever they look like", async () => {
    const bucket = { ...sound().edge, type: "aws:s3/bucket:Bucket" };
    put(bucket, ["spec", "config", "controlPlaneNumber"], 4);
    assert.deepEqual(await judged(pack(), [bucket]), []);
  });

  for (const wrong of WRONG) {
    describe(`${wrong.rule}, broken at ${wrong.of} ${wrong.path.join(".")}`, () => {
      for (const environment of ENVIRONMENTS) {
        it(`is ${levelOf(wrong, environment)} in ${environment}, and nothing else is said`, async () => {
          assert.deepEqual(await judged(packs.get(environment)!, changed(wrong, wrong.value)), [
            expected(wrong, environment),
          ]);
        });
      }

      it("is no violation where the value is not known yet", async () => {
        const said = await judged(pack(), changed(wrong, UNKNOWN));
        const notes = said.filter(
          ({ level, message }) => level === "advisory" && message.startsWith("can't run policy"),
        );
        assert.deepEqual(said, notes);
      });

      it("is told without the value, which could be a secret", async () => {
        if (wrong.value === undefined) return;
        const said = await judged(pack(), changed(wrong, secret(wrong.value)));
        assert.deepEqual(said, [expected(wrong, "production")]);
        if (typeof wrong.value === "string") assert.ok(!JSON.stringify(said).includes(wrong.value));
        assert.ok(!JSON.stringify(said).includes("canary"));
      });
    });
  }

  it("compares the resources that it knows when another is not known yet", async () => {
    const resources = sound();
    put(resources.demo, ["spec", "config", "nutanix", "controlPlaneEndpoint", "host"], "10.1.1.201");
    const third = structuredClone({ ...resources.demo, name: "third" });
    third.props["metadata"].name = "third";
    put(third, ["spec", "config", "nutanix", "controlPlaneEndpoint", "host"], UNKNOWN);
    const said = await pack().analyzeStack([third, resources.edge, resources.demo]);
    assert.deepEqual(
      said.map(({ policy, urn }) => [policy, urn]),
      [["endpoints-are-unique", urnOf(resources.edge)]],
    );
  });

  it("judges an object whose name is not known yet", async () => {
    const { demo } = sound();
    put(demo, ["metadata", "name"], UNKNOWN);
    put(demo, ["spec", "config", "nutanix", "prismCentral", "insecure"], true);
    assert.deepEqual(
      (await pack().analyze(demo)).map(({ policy }) => policy),
      ["prism-central-is-verified"],
    );
  });

  it("is as strict as in production for a stack that does not say what it is for", async () => {
    const strict = await startPack();
    const insecure = WRONG.find(({ rule }) => rule === "prism-central-is-verified")!;
    assert.deepEqual(await judged(strict, changed(insecure, true)), [expected(insecure, "production")]);
    strict.stop();
  });
});

function changed({ of, path, given }: Wrong, value: unknown): Written[] {
  const resources: Sound = sound();
  given?.(resources);
  put(resources[of], path, value);
  return Object.values(resources);
}

/** Everything that the pack says in one run of the engine: of each resource, then of all of them. */
async function judged(pack: PackServer, resources: readonly Written[]): Promise<Violation[]> {
  const alone = await Promise.all(resources.map((resource) => pack.analyze(resource)));
  return [...alone.flat(), ...(await pack.analyzeStack(resources))];
}

function levelOf({ rule }: Wrong, environment: string): string {
  return LENIENT[rule]?.includes(environment) ? "advisory" : "mandatory";
}

function expected(wrong: Wrong, environment: string): Violation {
  const { why } = RULES.find(({ name }) => name === wrong.rule)!;
  return {
    policy: wrong.rule,
    level: levelOf(wrong, environment),
    message: `${why}\n${wrong.message}`,
    ...(wrong.together ? { urn: urnOf(sound()[wrong.of]) } : {}),
  };
}

/** What the rules read of Pulumi.dev.yaml, as resources. */
function devStack(): Written[] {
  const { config } = parse(readFileSync(join(import.meta.dirname, "../../Pulumi.dev.yaml"), "utf8"));
  const { "k0rdent-nutanix:credentials": _, ...plain } = config;
  const keys = Object.entries(plain).map(([key, value]) => [key.replace("k0rdent-nutanix:", ""), value]);
  const stack = stackSchema.parse(Object.fromEntries(keys));
  const bundles = { prismCentral: plain["k0rdent-nutanix:prismCentral"].trustBundle.pem };
  return stackSubjects(stack, bundles).map(({ object }) => ({
    type: `kubernetes:${object.apiVersion === "v1" ? "core/v1" : object.apiVersion}:${object.kind}`,
    name: object.metadata.name,
    props: object.kind === "Release" ? { name: object.metadata.name, ...object.spec } : { ...object },
  }));
}
