import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { stackTargets } from "../../../manifests/stack-manifests.ts";
import { RULES } from "../../../policy/rules/index.ts";
import { stack as stackSchema } from "../../../schema/stack.ts";
import { NEXT_YEAR } from "../../support/stack-fixture.ts";
import { type PackResource, type ValidResources, validResources } from "./pack-fixture.ts";
import { type PackServer, type PolicyConfig, startPack, urnOf, type Violation, withoutReason } from "./pack-server.ts";
import { PACK_VIOLATIONS, type PackViolation, put } from "./pack-violations.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const ENVIRONMENTS = ["dev", "staging", "production"] as const;
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
/** Its fault is no property of a resource. */
const TRIED_ELSEWHERE = ["production-clusters-are-protected"];
const HOST = "spec/config/nutanix/controlPlaneEndpoint/host";
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
    assert.deepEqual(new Set([...PACK_VIOLATIONS.map(({ rule }) => rule), ...TRIED_ELSEWHERE]), new Set(alone));
  });

  it("tells the engine the level of every rule in every environment", async () => {
    for (const environment of ENVIRONMENTS) {
      const levels = RULES.map((rule) => [rule.name, rule.level({ environment })]);
      assert.deepEqual(await packs.get(environment)!.levels(), Object.fromEntries(levels));
    }
  });

  it("says nothing of sound resources", async () => {
    assert.deepEqual(await evaluate(pack(), validResources()), []);
  });

  it("says nothing of the dev stack", async () => {
    const all = devStack();
    const violations = await Promise.all(all.map((resource) => packs.get("dev")!.analyze(resource)));
    assert.deepEqual([...violations.flat(), ...(await packs.get("dev")!.analyzeStack(all))], []);
  });

  it("says nothing of resources that are no Kubernetes objects, whatever they look like", async () => {
    const bucket = { ...validResources().edge, type: "aws:s3/bucket:Bucket" };
    put(bucket, "spec/config/controlPlaneNumber", 4);
    assert.deepEqual(await pack().analyze(bucket), []);
  });

  for (const violation of PACK_VIOLATIONS) {
    describe(`${violation.rule}, broken at ${violation.of} ${violation.path}`, () => {
      beforeEach(() => pack().configure(configOf(violation)));

      it("is told, and nothing else", async () => {
        const violations = await evaluate(pack(), changed(violation, violation.value), violation);
        assert.deepEqual(violations.map(withoutReason), [expected(violation)]);
      });

      it("is no violation where the value is not known yet", async () => {
        const violations = await evaluate(pack(), changed(violation, UNKNOWN), violation);
        const notes = violations.filter(
          ({ level, message }) => level === "advisory" && message.startsWith("can't run policy"),
        );
        assert.deepEqual(violations, notes);
      });

      it("is told without the value, which could be a secret", async () => {
        if (violation.value === undefined) return;
        const violations = await evaluate(pack(), changed(violation, secret(violation.value)), violation);
        assert.deepEqual(violations.map(withoutReason), [expected(violation)]);
        if (typeof violation.value === "string")
          assert.ok(!JSON.stringify(violations).includes(JSON.stringify(violation.value)));
        assert.ok(!JSON.stringify(violations).includes("canary"));
      });
    });
  }

  it("says by name and path what it could not check", async () => {
    const { demo } = validResources();
    put(demo, HOST, UNKNOWN);
    const violations = await pack().analyze(demo);
    assert.ok(violations.some(({ policy }) => policy === "endpoint-is-routable"));
    for (const { policy, level, message } of violations) {
      assert.equal(level, "advisory");
      assert.equal(
        message,
        `can't run policy '${policy}' from policy pack 'k0rdent-nutanix@v0.1.0' during preview: string value at .spec.config.nutanix.controlPlaneEndpoint.host can't be known during preview`,
      );
    }
  });

  it("judges a cluster whose template is not known yet by the values that only one mode has", async () => {
    const { edge } = validResources();
    put(edge, "spec/template", UNKNOWN);
    put(edge, "spec/config/controlPlaneNumber", 4);
    assert.deepEqual(
      (await pack().analyze(edge)).map(({ policy }) => policy),
      ["control-plane-count-is-odd"],
    );
  });

  it("refuses a production cluster that Pulumi does not protect", async () => {
    const violations = await pack().analyze({ ...validResources().demo, protect: false });
    assert.deepEqual(
      violations.map(withoutReason).map(({ policy, message }) => [policy, message.split("\n")[1]]),
      [["production-clusters-are-protected", "ClusterDeployment kcm-system/demo protect"]],
    );
  });

  it("says of rules about change that it cannot see what was before", async () => {
    const change = RULES.filter(({ comparesUpdates }) => comparesUpdates).map(({ name }) => name);
    assert.ok(change.length > 4);
    const reason =
      "Pulumi passes only the new inputs to a policy: the program's update hooks and reviews evaluate this rule";
    assert.deepEqual(
      await pack().notApplicable(validResources().demo),
      Object.fromEntries(change.map((name) => [name, reason])),
    );
  });

  it("compares the resources that it knows when another is not known yet", async () => {
    const resources = validResources();
    put(resources.demo, HOST, "10.1.1.201");
    const third = structuredClone({ ...resources.demo, name: "third" });
    third.props["metadata"].name = "third";
    third.props["spec"].credential = "third-nutanix";
    put(third, "spec/config/nutanix/prismCentral/credentialSecretName", "third-login");
    put(third, HOST, UNKNOWN);
    const violations = await pack().analyzeStack([third, resources.edge, resources.demo]);
    assert.deepEqual(
      violations.map(({ policy, urn }) => [policy, urn]),
      [["endpoints-are-unique", urnOf(resources.edge)]],
    );
  });

  it("judges an object whose name is not known yet", async () => {
    const { demo } = validResources();
    put(demo, "metadata/name", UNKNOWN);
    put(demo, "spec/config/nutanix/prismCentral/insecure", true);
    assert.deepEqual(
      (await pack().analyze(demo)).map(({ policy }) => policy),
      ["prism-central-tls-is-verified"],
    );
  });

  it("adds the labels that it is told to, where the level is remediate", async () => {
    const config = { enforcementLevel: "remediate", labels: { team: "platform", cost: "" } } as const;
    await pack().configure({ "clusters-have-required-labels": config });
    const { demo, nutanix } = validResources();
    put(demo, "metadata/labels", { owner: "me" });
    assert.deepEqual(await pack().remediate(demo), {
      ...demo.props,
      metadata: { ...demo.props["metadata"], labels: { owner: "me", team: "platform" } },
    });
    put(demo, "metadata/labels", { team: "blue" });
    assert.equal(await pack().remediate(demo), undefined);
    assert.equal(await pack().remediate(nutanix), undefined);
  });

  describe("with config of the stack", () => {
    const one = () => {
      const resources = validResources();
      put(resources.edge, "spec/config/controlPlaneNumber", 1);
      return resources;
    };
    const waiver = (until: string) => ({ waivers: [{ cluster: "edge", reason: "one host until May", until }] });
    const violations = async (policy: object, resources = one()) => {
      const server = await startPack(undefined, { "k0rdent-nutanix:policy": JSON.stringify(policy) });
      const all = [...(await evaluate(server, resources, { of: "edge" })), ...(await server.analyze(resources.stack))];
      server.stop();
      return all.map(({ policy: name, level, message }) => [name, level, message.split("\n").at(-1)?.split(": ")[0]]);
    };

    it("takes a waiver, and prints it", async () => {
      assert.deepEqual(await violations({ [REDUNDANT]: waiver(NEXT_YEAR) }), [
        [REDUNDANT, "advisory", `policy.${REDUNDANT}.waivers.0`],
      ]);
    });

    it("takes no waiver whose day is past", async () => {
      const path = "ClusterDeployment kcm-system/edge spec.config.controlPlaneNumber";
      const past = `policy.${REDUNDANT}.waivers.0.until`;
      assert.deepEqual(await violations({ [REDUNDANT]: waiver("2026-01-01") }), [
        [REDUNDANT, "mandatory", path],
        [REDUNDANT, "mandatory", past],
      ]);
    });

    it("takes no waiver of a rule that must hold", async () => {
      assert.deepEqual(await violations({ "endpoints-are-unique": waiver(NEXT_YEAR) }, validResources()), [
        ["endpoints-are-unique", "mandatory", "policy.endpoints-are-unique.waivers.0"],
      ]);
    });

    it("takes another level", async () => {
      const why = { reason: "one host until May", until: NEXT_YEAR };
      const lowered = await violations({ [REDUNDANT]: { enforcementLevel: "advisory", ...why } });
      assert.deepEqual(
        lowered.map(([, level, path]) => [level, path]),
        [
          ["advisory", "ClusterDeployment kcm-system/edge spec.config.controlPlaneNumber"],
          ["advisory", `policy.${REDUNDANT}.enforcementLevel`],
        ],
      );
      assert.deepEqual(await violations({ [REDUNDANT]: { enforcementLevel: "disabled", ...why } }), [
        [REDUNDANT, "advisory", `policy.${REDUNDANT}.enforcementLevel`],
      ]);
    });

    it("takes no lower level without a reason", async () => {
      const levels = (await violations({ [REDUNDANT]: { enforcementLevel: "disabled" } })).map(([, level]) => level);
      assert.deepEqual(levels, ["mandatory", "mandatory"]);
    });
  });

  describe("with many clusters that break the same rule", () => {
    const RULE = "prism-central-tls-is-verified";
    const clusters = Array.from({ length: 5 }, (_, index): PackResource => {
      const { demo } = validResources();
      put(demo, "spec/config/nutanix/prismCentral/insecure", true);
      put(demo, "metadata/name", `c${index}`);
      return { ...demo, name: `c${index}` };
    });
    const at = (name: string) => `ClusterDeployment kcm-system/${name} spec.config.nutanix.prismCentral.insecure`;
    const said = async (environment: string) => {
      const server = packs.get(environment)!;
      const alone = await Promise.all(clusters.map((cluster) => server.analyze(cluster)));
      return [...alone.flat(), ...(await server.analyzeStack(clusters))]
        .filter(({ policy }) => policy === RULE)
        .map(withoutReason)
        .map(({ level, message, urn }) => [level, message.split("\n")[1], urn]);
    };

    it("says it once where it is advisory, with their number and the first names", async () => {
      assert.deepEqual(await said("dev"), [["advisory", at("{c0, c1, c2 and 2 more}"), undefined]]);
    });

    it("says it of each where it is mandatory", async () => {
      assert.deepEqual(
        await said("production"),
        clusters.map(({ name }) => ["mandatory", at(name), undefined]),
      );
    });
  });

  describe("with a level in Pulumi's own configuration", () => {
    const why = { reason: "one host until May", until: NEXT_YEAR };
    const said = async (config: Readonly<Record<string, PolicyConfig>>, environment = "production") => {
      const server = packs.get(environment)!;
      await server.configure(config);
      const all = await server.analyze(validResources().stack);
      await server.configure({});
      return all.map(({ policy, level, message }) => [policy, level, message.split("; ")[0]]);
    };

    it("takes a lower one in production with a reason and a day, and prints it", async () => {
      for (const enforcementLevel of ["advisory", "disabled"] as const) {
        const note = `policy.${REDUNDANT}.enforcementLevel: sets ${REDUNDANT} to ${enforcementLevel} until ${NEXT_YEAR}: one host until May`;
        assert.deepEqual(await said({ [REDUNDANT]: { enforcementLevel, ...why } }), [[REDUNDANT, "advisory", note]]);
      }
    });

    it("takes none without, nor a day that is past, nor for a rule that must hold", async () => {
      const first = RULES[0]!.name;
      const lowered: Readonly<Record<string, PolicyConfig>> = {
        [first]: { enforcementLevel: "disabled" },
        [REDUNDANT]: { enforcementLevel: "advisory", ...why, until: "2026-01-01" },
        "endpoints-are-unique": { enforcementLevel: "disabled", ...why },
      };
      const [must, unique] = RULES.filter(({ name }) => name === first || name === "endpoints-are-unique");
      assert.ok(must?.nonWaivable === undefined && unique?.nonWaivable !== undefined);
      assert.deepEqual(await said(lowered), [
        [first, "mandatory", `policy.${first}.reason: is empty`],
        [
          "endpoints-are-unique",
          "mandatory",
          "policy.endpoints-are-unique.enforcementLevel: lowers the level of a rule that cannot be waived in production",
        ],
        [REDUNDANT, "mandatory", `policy.${REDUNDANT}.until: is in the past`],
      ]);
    });

    it("takes a higher one, and in dev any, without a word of why", async () => {
      const first = RULES.find(({ level }) => level({ environment: "dev" }) === "mandatory")!.name;
      assert.deepEqual(await said({ [first]: { enforcementLevel: "remediate" } }), []);
      assert.deepEqual(await said({ [REDUNDANT]: { enforcementLevel: "mandatory" } }, "dev"), []);
      assert.deepEqual(await said({ [first]: { enforcementLevel: "disabled" } }, "dev"), [
        [first, "advisory", `policy.${first}.enforcementLevel: sets ${first} to disabled`],
      ]);
    });
  });

  it("is as strict as in production for a stack that does not say what it is for", async () => {
    const strict = await startPack();
    assert.deepEqual(await strict.levels(), await pack().levels());
    strict.stop();
  });
});

/** ValidResources resources with one thing changed. */
function changed({ of, path, given }: PackViolation, value: unknown): ValidResources {
  const resources: ValidResources = validResources();
  given?.(resources);
  put(resources[of], path, value);
  return resources;
}

/**
 * What the pack says in one run of the engine: of each resource, then of all of them; or of the one that is changed alone,
 * where the others change nothing.
 */
async function evaluate(
  pack: PackServer,
  resources: ValidResources,
  changed?: Pick<PackViolation, "of" | "together">,
): Promise<Violation[]> {
  const all: PackResource[] = Object.values(resources);
  const alone = changed === undefined ? all : [resources[changed.of]];
  const violations = await Promise.all(alone.map((resource) => pack.analyze(resource)));
  return [...violations.flat(), ...(await pack.analyzeStack(changed?.together ? all : alone))];
}

function configOf({ rule, config }: PackViolation): Readonly<Record<string, PolicyConfig>> {
  // What k0smotron rejects has ended, too.
  if (rule === "k0s-version-is-supported") return { "k0s-version-is-maintained": { enforcementLevel: "disabled" } };
  return config === undefined ? {} : { [rule]: { enforcementLevel: levelOf(rule), ...config } };
}

function levelOf(rule: string): "mandatory" | "advisory" {
  const level = RULES.find(({ name }) => name === rule)!.level({ environment: "production" });
  return level === "advisory" ? "advisory" : "mandatory";
}

function expected(violation: PackViolation): Violation {
  const { why } = RULES.find(({ name }) => name === violation.rule)!;
  return {
    policy: violation.rule,
    level: levelOf(violation.rule),
    message: `${why}\n${violation.at}`,
    // What is said of all resources at the end names the one.
    ...(violation.together || levelOf(violation.rule) === "advisory"
      ? { urn: urnOf(validResources()[violation.of]) }
      : {}),
  };
}

/** What the rules read of Pulumi.dev.yaml, as resources. */
function devStack(): PackResource[] {
  const { config } = parse(readFileSync(join(import.meta.dirname, "../../../Pulumi.dev.yaml"), "utf8"));
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
