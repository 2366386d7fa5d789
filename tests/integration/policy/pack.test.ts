import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { stackTargets } from "../../../manifests/stack-manifests.ts";
import { RULES } from "../../../policy/rules/index.ts";
import { stack as stackSchema } from "../../../schema/stack.ts";
import { ENVIRONMENTS, evaluate, startPacks } from "./pack-evaluation.ts";
import { type PackResource, type ValidResources, validResources } from "./pack-fixture.ts";
import { type PolicyConfig, startPack, urnOf, type Violation, withoutReason } from "./pack-server.ts";
import { PACK_VIOLATIONS, type PackViolation, put } from "./pack-violations.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
/** Its fault is no property of a resource. */
const TRIED_ELSEWHERE = ["production-clusters-are-protected"];
const HOST = "spec/config/nutanix/controlPlaneEndpoint/host";

describe("the policy pack, called as the engine calls it", function () {
  this.timeout(120_000);
  const packs = startPacks();
  const pack = () => packs.get("production")!;

  afterEach(() => pack().configure({}));

  it("breaks every rule in these tests that it can ask by itself", () => {
    const alone = RULES.filter(({ comparesUpdates }) => !comparesUpdates).map(({ name }) => name);
    assert.deepEqual(new Set([...PACK_VIOLATIONS.map(({ rule }) => rule), ...TRIED_ELSEWHERE]), new Set(alone));
  });

  it("reports to the engine the level of every rule in every environment", async () => {
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

      it("is reported, and nothing else", async () => {
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

      it("is reported without the value, which could be a secret", async () => {
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

  it("rejects a production cluster that Pulumi does not protect", async () => {
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

  it("adds the labels of its configuration, where the level is remediate", async () => {
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
