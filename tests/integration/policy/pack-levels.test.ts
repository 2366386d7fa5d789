import assert from "node:assert/strict";
import { RULES } from "../../../policy/rules/index.ts";
import { NEXT_YEAR } from "../../support/stack-fixture.ts";
import { evaluate, startPacks } from "./pack-evaluation.ts";
import { type PackResource, validResources } from "./pack-fixture.ts";
import { type PolicyConfig, startPack, withoutReason } from "./pack-server.ts";
import { put } from "./pack-violations.ts";

const REDUNDANT = "production-control-plane-is-redundant";

describe("levels and waivers in the policy pack", function () {
  this.timeout(120_000);
  const packs = startPacks();

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
});
