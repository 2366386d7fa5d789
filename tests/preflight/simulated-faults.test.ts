import assert from "node:assert/strict";
import { createServer } from "node:net";
import { PRISM_CENTRAL_CHECKS } from "../../preflight/prism-central/index.ts";
import { asked, goodStack, goodWorld, linesOf, SECRETS } from "./fixture.ts";
import { FAULTS } from "./simulated-faults.ts";

const CHECKS = PRISM_CENTRAL_CHECKS.filter(({ id }) => id !== "endpoint-is-unused");

describe("a Prism Central that is not well", () => {
  for (const { title, check, scene, lines } of FAULTS) {
    it(`is told by ${check} where ${title}`, async () => {
      const seen = await asked({ ...scene, checks: CHECKS.filter(({ id }) => id === check) });
      assert.deepEqual(linesOf(seen, check), lines);
    }).timeout(15_000);
  }

  it("is met here in more than forty ways", () => {
    assert.ok(FAULTS.length >= 40, String(FAULTS.length));
  });

  it("costs one deadline when it is out of reach, and every check that needs it gives the one reason", async () => {
    const began = Date.now();
    const { findings } = await asked({
      clusters: ["demo"],
      checks: CHECKS,
      transport: { connectTimeout: 1 },
      instead: () => createServer(),
    });
    const took = Date.now() - began;
    assert.ok(took < 2500, `${took} ms`);
    const reason = "prism-central.example.com:9440 does not answer (UND_ERR_CONNECT_TIMEOUT)";
    const told = findings.map(({ check, verdict, found }) => `${check} ${verdict} ${found.replace("not asked: ", "")}`);
    assert.deepEqual(
      told,
      // What the cluster names none of is not asked; GPUs, categories and so on need Prism Central all the same.
      CHECKS.filter(({ id }) => id !== "endpoint-is-in-node-subnet").map(({ id }) => {
        if (id === "prism-central-name-resolves") return `${id} pass prism-central.example.com:9440 resolves`;
        return `${id} ${id === "prism-central-port-answers" ? "fail" : "unknown"} ${reason}`;
      }),
    );
  }).timeout(10_000);

  it("is left alone for as long as it asks", async () => {
    const times: number[] = [];
    const faults = [{ on: /images/, status: 429, headers: { "retry-after": "1" }, times: 1 }];
    const began = Date.now();
    const { findings } = await asked({
      clusters: ["demo"],
      checks: CHECKS.filter(({ id }) => id === "image-exists"),
      standIn: { faults },
    });
    times.push(Date.now() - began);
    assert.equal(findings[0]?.verdict, "pass");
    assert.ok((times[0] ?? 0) >= 1000, String(times));
  }).timeout(10_000);
});

describe("two hundred clusters on one Prism Central", () => {
  const stack = goodStack((stack) => {
    const { demo } = stack.clusters;
    stack.clusters = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => {
        const cluster = structuredClone(demo);
        cluster.nutanix.controlPlaneEndpoint.host = `10.2.${Math.floor(index / 100)}.${(index % 100) + 1}`;
        return [`cluster-${index}`, cluster];
      }),
    );
  });
  const machines = Array.from({ length: 1000 }, (_, index) => ({
    uuid: `00000005-0000-4000-8000-${String(index).padStart(12, "0")}`,
    name: `vm-${index}`,
    cluster: goodWorld().elements[0]?.uuid ?? "",
    memoryMib: 1,
    addresses: [`10.3.${Math.floor(index / 250)}.${index % 250}`],
  }));

  it("are asked about in under 10 s at 20 ms a call, over few connections, and no call twice", async () => {
    const began = Date.now();
    const { findings, standIn } = await asked({
      stack,
      world: goodWorld({ machines }),
      checks: CHECKS,
      standIn: { latency: 20 },
    });
    const took = Date.now() - began;
    assert.ok(took < 10_000, `${took} ms`);
    // Every check answers for each cluster, but for the one that only standalone clusters have.
    const ofClusters = CHECKS.filter(({ scope, id }) => scope === "cluster" && id !== "endpoint-is-in-node-subnet");
    assert.equal(findings.filter(({ cluster }) => cluster !== undefined).length, 200 * ofClusters.length);
    assert.equal(standIn.calls.length, new Set(standIn.calls).size);
    assert.ok(standIn.connections() <= 8, String(standIn.connections()));
  }).timeout(15_000);
});

describe("no answer about Prism Central", () => {
  it("holds a login, whatever goes wrong", async () => {
    const scenes = [{}, ...FAULTS.filter((_, index) => index % 4 === 0).map(({ scene }) => scene)];
    for (const scene of scenes) {
      const { findings } = await asked({ ...scene, checks: CHECKS, clusters: ["demo", "edge"] });
      const text = JSON.stringify(findings);
      for (const secret of SECRETS) {
        assert.ok(!text.includes(secret) && !text.includes(JSON.stringify(secret).slice(1, -1)), text);
      }
    }
  }).timeout(30_000);
});
