import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { stackTargets } from "../../manifests/stack-manifests.ts";
import { RULES } from "../../policy/rules/index.ts";
import { stack as stackSchema } from "../../schema/stack.ts";
import { type Sound, sound, type Written } from "./pack-fixture.ts";
import { type PackServer, startPack, urnOf, type Violation } from "./pack-server.ts";
import { put, WRONG, type Wrong } from "./pack-violations.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const ENVIRONMENTS = ["dev", "staging", "production"] as const;
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
/** Its fault is no property of a resource. */
const TRIED_ELSEWHERE = ["production-clusters-are-protected"];
const REDUNDANT = "production-control-plane-is-redundant";

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
  afterEach(() => pack().configure({}));
  after(() => {
    for (const server of packs.values()) server.stop();
  });

  it("breaks every rule in these tests that it can ask by itself", () => {
    const alone = RULES.filter(({ comparesUpdates }) => !comparesUpdates).map(({ name }) => name);
    assert.deepEqual(new Set([...WRONG.map(({ rule }) => rule), ...TRIED_ELSEWHERE]), new Set(alone));
  });

  it("tells the engine the level of every rule in every environment", async () => {
    for (const environment of ENVIRONMENTS) {
      const levels = RULES.map((rule) => [rule.name, rule.level({ environment })]);
      assert.deepEqual(await packs.get(environment)!.levels(), Object.fromEntries(levels));
    }
  });

  it("says nothing of sound resources", async () => {
    assert.deepEqual(await judged(pack(), sound()), []);
  });

  it("says nothing of the dev stack", async () => {
    const all = devStack();
    const said = await Promise.all(all.map((resource) => packs.get("dev")!.analyze(resource)));
    assert.deepEqual([...said.flat(), ...(await packs.get("dev")!.analyzeStack(all))], []);
  });

  it("says nothing of resources that are no Kubernetes objects, whatever they look like", async () => {
    const bucket = { ...sound().edge, type: "aws:s3/bucket:Bucket" };
    put(bucket, ["spec", "config", "controlPlaneNumber"], 4);
    assert.deepEqual(await pack().analyze(bucket), []);
  });

  for (const wrong of WRONG) {
    describe(`${wrong.rule}, broken at ${wrong.of} ${wrong.path.join(".")}`, () => {
      beforeEach(() => pack().configure(wordsOf(wrong)));

      it("is told, and nothing else", async () => {
        assert.deepEqual(await judged(pack(), changed(wrong, wrong.value), wrong), [expected(wrong)]);
      });

      it("is no violation where the value is not known yet", async () => {
        const said = await judged(pack(), changed(wrong, UNKNOWN), wrong);
        const notes = said.filter(
          ({ level, message }) => level === "advisory" && message.startsWith("can't run policy"),
        );
        assert.deepEqual(said, notes);
      });

      it("is told without the value, which could be a secret", async () => {
        if (wrong.value === undefined) return;
        const said = await judged(pack(), changed(wrong, secret(wrong.value)), wrong);
        assert.deepEqual(said, [expected(wrong)]);
        if (typeof wrong.value === "string") assert.ok(!JSON.stringify(said).includes(JSON.stringify(wrong.value)));
        assert.ok(!JSON.stringify(said).includes("canary"));
      });
    });
  }

  it("says by name and path what it could not check", async () => {
    const { demo } = sound();
    put(demo, ["spec", "config", "nutanix", "controlPlaneEndpoint", "host"], UNKNOWN);
    const said = await pack().analyze(demo);
    assert.ok(said.some(({ policy }) => policy === "endpoint-is-routable"));
    for (const { policy, level, message } of said) {
      assert.equal(level, "advisory");
      assert.equal(
        message,
        `can't run policy '${policy}' from policy pack 'k0rdent-nutanix@v0.1.0' during preview: string value at .spec.config.nutanix.controlPlaneEndpoint.host can't be known during preview`,
      );
    }
  });

  it("judges a cluster whose template is not known yet by the values that only one mode has", async () => {
    const { edge } = sound();
    put(edge, ["spec", "template"], UNKNOWN);
    put(edge, ["spec", "config", "controlPlaneNumber"], 4);
    assert.deepEqual(
      (await pack().analyze(edge)).map(({ policy }) => policy),
      ["control-plane-count-is-odd"],
    );
  });

  it("refuses a production cluster that Pulumi does not protect", async () => {
    const said = await pack().analyze({ ...sound().demo, protect: false });
    assert.deepEqual(
      said.map(({ policy, message }) => [policy, message.split("\n")[1]]),
      [
        [
          "production-clusters-are-protected",
          "ClusterDeployment kcm-system/demo protect: is false for a cluster in production; remove it, or waive this rule for the cluster until it is deleted",
        ],
      ],
    );
  });

  it("says of rules about change that it cannot see what was before", async () => {
    const change = RULES.filter(({ comparesUpdates }) => comparesUpdates).map(({ name }) => name);
    assert.ok(change.length > 4);
    const reason =
      "Pulumi passes only the new inputs to a policy: the program's update hooks and reviews evaluate this rule";
    assert.deepEqual(
      await pack().notApplicable(sound().demo),
      Object.fromEntries(change.map((name) => [name, reason])),
    );
  });

  it("compares the resources that it knows when another is not known yet", async () => {
    const resources = sound();
    put(resources.demo, ["spec", "config", "nutanix", "controlPlaneEndpoint", "host"], "10.1.1.201");
    const third = structuredClone({ ...resources.demo, name: "third" });
    third.props["metadata"].name = "third";
    third.props["spec"].credential = "third-nutanix";
    put(third, ["spec", "config", "nutanix", "prismCentral", "credentialSecretName"], "third-login");
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
      ["prism-central-tls-is-verified"],
    );
  });

  it("adds the labels that it is told to, where the level is remediate", async () => {
    const words = { enforcementLevel: "remediate", labels: { team: "platform", cost: "" } } as const;
    await pack().configure({ "clusters-have-required-labels": words });
    const { demo, nutanix } = sound();
    put(demo, ["metadata", "labels"], { owner: "me" });
    assert.deepEqual(await pack().remediate(demo), {
      ...demo.props,
      metadata: { ...demo.props["metadata"], labels: { owner: "me", team: "platform" } },
    });
    put(demo, ["metadata", "labels"], { team: "blue" });
    assert.equal(await pack().remediate(demo), undefined);
    assert.equal(await pack().remediate(nutanix), undefined);
  });

  describe("with words of the stack", () => {
    const one = () => {
      const resources = sound();
      put(resources.edge, ["spec", "config", "controlPlaneNumber"], 1);
      return resources;
    };
    const waiver = (until: string) => ({ waivers: [{ cluster: "edge", reason: "one host", until }] });
    const said = async (policy: object, resources = one()) => {
      const server = await startPack(undefined, { "k0rdent-nutanix:policy": JSON.stringify(policy) });
      const all = await judged(server, resources, { of: "edge" });
      server.stop();
      return all.map(({ policy: name, level, message }) => [name, level, message.split("\n").at(-1)]);
    };

    it("takes a waiver, and prints it", async () => {
      assert.deepEqual(await said({ [REDUNDANT]: waiver("2999-12-31") }), [
        [
          REDUNDANT,
          "advisory",
          `policy.${REDUNDANT}.waivers.0: waives ${REDUNDANT} for the cluster edge until 2999-12-31: one host; fix the violation before that date`,
        ],
      ]);
    });

    it("takes no waiver whose day is past", async () => {
      const fault =
        "ClusterDeployment kcm-system/edge spec.config.controlPlaneNumber: is too few control plane machines to tolerate the loss of one; set 3 or 5";
      const past = `policy.${REDUNDANT}.waivers.0.until: is in the past; fix the violation, or agree on a later date`;
      assert.deepEqual(await said({ [REDUNDANT]: waiver("2026-01-01") }), [
        [REDUNDANT, "mandatory", fault],
        [REDUNDANT, "mandatory", past],
      ]);
    });

    it("takes no waiver of a rule that must hold", async () => {
      assert.deepEqual(await said({ "endpoints-are-unique": waiver("2999-12-31") }, sound()), [
        [
          "endpoints-are-unique",
          "mandatory",
          "policy.endpoints-are-unique.waivers.0: waives a rule that cannot be waived in production; remove it, and fix the violations",
        ],
      ]);
    });

    it("takes another level", async () => {
      const levels = (await said({ [REDUNDANT]: { enforcementLevel: "advisory" } })).map(([, level]) => level);
      assert.deepEqual(levels, ["advisory"]);
      assert.deepEqual(await said({ [REDUNDANT]: { enforcementLevel: "disabled" } }), []);
    });
  });

  it("is as strict as in production for a stack that does not say what it is for", async () => {
    const strict = await startPack();
    assert.deepEqual(await strict.levels(), await pack().levels());
    strict.stop();
  });
});

/** Sound resources with one thing changed. */
function changed({ of, path, given }: Wrong, value: unknown): Sound {
  const resources: Sound = sound();
  given?.(resources);
  put(resources[of], path, value);
  return resources;
}

/**
 * What the pack says in one run of the engine: of each resource, then of all of them; or of the one that is changed alone,
 * where the others change nothing.
 */
async function judged(
  pack: PackServer,
  resources: Sound,
  changed?: Pick<Wrong, "of" | "together">,
): Promise<Violation[]> {
  const all: Written[] = Object.values(resources);
  const alone = changed === undefined ? all : [resources[changed.of]];
  const said = await Promise.all(alone.map((resource) => pack.analyze(resource)));
  return [...said.flat(), ...(await pack.analyzeStack(changed?.together ? all : alone))];
}

function wordsOf({ rule, words }: Wrong) {
  return words === undefined ? {} : { [rule]: { enforcementLevel: levelOf(rule), ...words } };
}

function levelOf(rule: string): "mandatory" | "advisory" {
  const level = RULES.find(({ name }) => name === rule)!.level({ environment: "production" });
  return level === "advisory" ? "advisory" : "mandatory";
}

function expected(wrong: Wrong): Violation {
  const { why } = RULES.find(({ name }) => name === wrong.rule)!;
  return {
    policy: wrong.rule,
    level: levelOf(wrong.rule),
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
  return stackTargets(stack, bundles).map(({ object }) => ({
    type: `kubernetes:${object.apiVersion === "v1" ? "core/v1" : object.apiVersion}:${object.kind}`,
    name: object.metadata.name,
    props: object.kind === "Release" ? { name: object.metadata.name, ...object.spec } : { ...object },
  }));
}
