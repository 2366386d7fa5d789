import assert from "node:assert/strict";
import { createServer } from "node:net";
import { PRISM_CENTRAL_CHECKS } from "../../../preflight/prism-central/index.ts";
import { standInUuid } from "../../../sandbox/prism-central/stand-in-state.ts";
import type { Scenarios } from "./check-context.ts";
import { CONNECTION_SCENARIOS, FORBIDDEN, forbiddenLine } from "./connection-scenarios.ts";
import {
  type PrismCentralScenario,
  prismCentralStack,
  runScenario,
  SECRETS,
  validState,
} from "./prism-central-scenario.ts";
import { REFERENCE_SCENARIOS } from "./reference-scenarios.ts";
import { RESOURCE_SCENARIOS } from "./resource-scenarios.ts";

/** Connects to the endpoint of the stack file, and so runs only with addresses of this machine. */
const CONNECTS = "endpoint-is-unused";
const CHECKS = PRISM_CENTRAL_CHECKS.filter(({ id }) => id !== CONNECTS);
/** Is about standalone clusters only. */
const STANDALONE = "endpoint-is-in-node-subnet";
const only = (id: string) => PRISM_CENTRAL_CHECKS.filter((check) => check.id === id);

async function linesOf(check: string, scenario: PrismCentralScenario): Promise<string[]> {
  const { lines } = await runScenario(scenario, only(check));
  return lines.map((line) => line.slice(check.length));
}

const ELEMENT_NAME = '"PE-Cluster-01"';
const SCENARIOS = [REFERENCE_SCENARIOS, RESOURCE_SCENARIOS, CONNECTION_SCENARIOS].flatMap(
  Object.entries<Scenarios<PrismCentralScenario>>,
);
const VALID = `prism-central-name-resolves: pass: SERVER resolves
prism-central-port-answers: pass: SERVER answers
prism-central-certificate-is-trusted: pass: the certificate of SERVER is trusted by the trust bundle or a public CA
prism-central-host-name-matches: pass: the certificate of SERVER is for prism-central.example.com
prism-central-authentication-succeeds: pass: SERVER accepts credentials.global
prism-central-authentication-succeeds: pass: SERVER accepts credentials.edge
prism-central-version-is-supported: pass: SERVER runs 2024.3.0.1; CAPX 1.7.0 requires 2024.3 or later
prism-central-clock-is-in-sync: pass: the clock of SERVER is in sync within 60 s
prism-central-reads-are-permitted: pass: SERVER permits credentials.global to read clusters, subnets, images, projects, virtual machines, categories
prism-central-reads-are-permitted: pass: SERVER permits credentials.edge to read clusters, subnets, images, projects, virtual machines, categories
prism-central-role-is-sufficient: pass: credentials.global has "capx-global" with all 19 permissions
prism-central-role-is-sufficient: pass: credentials.edge has "capx-edge" with all 19 permissions
prism-element-exists [demo]: pass: Prism Element ${ELEMENT_NAME} is uuid-1-1
prism-element-exists [edge]: pass: Prism Element ${ELEMENT_NAME} is uuid-1-1
prism-element-is-not-prism-central [demo]: pass: ${ELEMENT_NAME} is not Prism Central
prism-element-is-not-prism-central [edge]: pass: ${ELEMENT_NAME} is not Prism Central
subnets-exist [demo]: pass: subnet "VM-Network" is uuid-2-1
subnets-exist [edge]: pass: subnet "VM-Network" is uuid-2-1
subnets-reach-the-prism-element [demo]: pass: "VM-Network" is on ${ELEMENT_NAME}
subnets-reach-the-prism-element [edge]: pass: "VM-Network" is on ${ELEMENT_NAME}
project-exists [demo]: pass: project "k0s-project" is uuid-4-1
project-exists [edge]: pass: project "k0s-project" is uuid-4-1
categories-exist [demo]: pass: category environment:dev exists
categories-exist [edge]: pass: category environment:dev exists
image-exists [demo]: pass: image "ubuntu-22.04-k0s" is uuid-3-1
image-exists [edge]: pass: image "ubuntu-22.04-k0s" is uuid-3-1
image-is-not-being-deleted [demo]: pass: "ubuntu-22.04-k0s" is not being deleted
image-is-not-being-deleted [edge]: pass: "ubuntu-22.04-k0s" is not being deleted
image-fits-the-disk [demo]: pass: "ubuntu-22.04-k0s" has 10 GiB, its disk 40Gi
image-fits-the-disk [edge]: pass: "ubuntu-22.04-k0s" has 10 GiB, its disk 40Gi
gpus-are-free [demo]: pass: ${ELEMENT_NAME} has 4 of 4 GPUs "Tesla T4" free; 3 needed, with one for updates
storage-container-exists [demo]: pass: storage container "default-container" is on ${ELEMENT_NAME}
subnet-addresses-are-free [demo]: pass: the pools of "VM-Network" have 40 free addresses for 5
subnet-addresses-are-free [edge]: pass: the pools of "VM-Network" have 40 free addresses for 6
memory-is-available: pass: 9 machines of demo, edge need 36 GiB, and 16 GiB more for an update; ${ELEMENT_NAME} has 320 GiB of 384 GiB free
vcpus-are-available: pass: 9 machines of demo, edge need 18 vCPUs, and 8 vCPUs more for an update; ${ELEMENT_NAME} has 96 cores for 24 running vCPUs
storage-is-available: pass: 9 machines of demo, edge need 360 GiB of disks, and 160 GiB of disks more for an update; the emptiest storage container of ${ELEMENT_NAME} has 2048 GiB free
endpoint-is-in-node-subnet [edge]: pass: 10.1.1.201 is in 10.1.1.0/24, the network of "VM-Network"
endpoint-is-outside-subnet-ip-pools [demo]: pass: 192.0.2.200 is in no pool of 2 subnets
endpoint-is-outside-subnet-ip-pools [edge]: pass: 10.1.1.201 is in no pool of 2 subnets
endpoint-is-not-a-vm-address [demo]: pass: no virtual machine has 192.0.2.200
endpoint-is-not-a-vm-address [edge]: pass: no virtual machine has 10.1.1.201
vm-names-are-available [demo]: pass: no virtual machine has a name of demo's machines
vm-names-are-available [edge]: pass: no virtual machine has a name of edge's machines
category-value-is-available [demo]: pass: no category KubernetesClusterName:demo exists
category-value-is-available [edge]: pass: no category KubernetesClusterName:edge exists
cluster-networks-do-not-overlap-subnets [demo]: pass: pods and services do not overlap 10.1.1.0/24, the network of "VM-Network"
cluster-networks-do-not-overlap-subnets [edge]: pass: pods and services do not overlap 10.1.1.0/24, the network of "VM-Network"`;

describe("checks of Prism Central", () => {
  for (const [check, scenarios] of SCENARIOS) {
    for (const [title, [scenario, ...lines]] of Object.entries(scenarios)) {
      it(`${check}: ${title}`, async () => {
        assert.deepEqual(await linesOf(check, scenario), lines);
      }).timeout(15_000);
    }
  }

  for (const [check, [what, on]] of Object.entries(FORBIDDEN)) {
    it(`${check}: the user may not read ${what}`, async () => {
      const scenario = { clusters: ["demo"], standIn: { faults: [{ on, status: 403 }] } };
      const [line = ""] = await linesOf(check, scenario);
      assert.equal(line.replace(/^ \[demo\]/, ""), forbiddenLine(what));
    });
  }

  it("have a scenario in which they fail, each", () => {
    const ids = SCENARIOS.filter(([, all]) => Object.values(all).flat().join().includes(": fail: ")).map(([id]) => id);
    assert.deepEqual(
      CHECKS.filter(({ id }) => !ids.includes(id)),
      [],
    );
  });

  it("pass on a valid state, with what they found", async () => {
    const { lines, standIn } = await runScenario({}, CHECKS);
    assert.deepEqual(lines, VALID.split("\n"));
    const v3 = standIn.requests.filter((line) => line.includes("/nutanix/v3/")).map((line) => line.split("/")[4]);
    assert.deepEqual([...new Set(v3)].sort(), ["access_control_policies", "projects", "roles", "users"]);
  });

  it("are inconclusive on a Prism Central without a v4 API, but for its version", async () => {
    const { lines } = await runScenario({ clusters: ["demo"], state: validState({ version: "2024.1.0.1" }) }, CHECKS);
    const isV4 = (line: string) => /inconclusive: .* runs 2024\.1\.0\.1, which has no v4 API/.test(line);
    const others = lines.filter((line) => !isV4(line)).map((line) => line.split(":")[0]);
    assert.ok(lines.filter(isV4).length > 15);
    assert.deepEqual(others, [
      "prism-central-name-resolves",
      "prism-central-port-answers",
      "prism-central-certificate-is-trusted",
      "prism-central-host-name-matches",
      "prism-central-authentication-succeeds",
      "prism-central-version-is-supported",
      "prism-central-clock-is-in-sync",
      "prism-central-role-is-sufficient",
      "project-exists [demo]",
    ]);
  });

  it("wait for one timeout where it is not reachable, and report one reason", async () => {
    const start = Date.now();
    const scenario = { clusters: ["demo"], transport: { connectTimeout: 1 }, server: () => createServer() };
    const { lines } = await runScenario(scenario, CHECKS);
    assert.ok(Date.now() - start < 2500);
    const reason = "the connection to SERVER times out (UND_ERR_CONNECT_TIMEOUT)";
    const isSo = (id: string, line = "") => {
      if (id === "prism-central-name-resolves") return line.startsWith(`${id}: pass: `);
      const status = id === "prism-central-port-answers" ? "fail" : "inconclusive";
      return line.startsWith(id) && line.includes(`: ${status}: `) && line.includes(reason);
    };
    // A hosted cluster's endpoint needs no Prism Central.
    const wrong = CHECKS.filter(({ id }) => id !== STANDALONE).filter(({ id }, index) => !isSo(id, lines[index]));
    assert.deepEqual(wrong, [], lines.join("\n"));
  }).timeout(10_000);

  it("wait as long as Retry-After says", async () => {
    const faults = [{ on: /images/, status: 429, headers: { "retry-after": "1" }, times: 1 }];
    const start = Date.now();
    const [line] = await linesOf("image-exists", { clusters: ["demo"], standIn: { faults } });
    assert.match(line ?? "", /: pass: /);
    assert.ok(Date.now() - start >= 1000);
  }).timeout(10_000);

  it("show no login, whatever fails", async () => {
    const scenarios = Object.values(CONNECTION_SCENARIOS).flatMap((all) =>
      Object.values(all).map(([scenario]) => scenario),
    );
    for (const scenario of [{}, ...scenarios.filter((_, index) => index % 4 === 0)]) {
      const text = (await runScenario({ ...scenario, clusters: ["demo", "edge"] }, CHECKS)).lines.join("\n");
      for (const secret of SECRETS) assert.ok(!text.includes(secret), text);
    }
  }).timeout(30_000);

  it("run for two hundred clusters over few connections, and send no request twice", async () => {
    const stack = prismCentralStack((settings) => {
      const { demo } = settings["clusters"];
      settings["clusters"] = Object.fromEntries(
        Array.from({ length: 200 }, (_, index) => {
          const cluster = structuredClone(demo);
          cluster.nutanix.controlPlaneEndpoint.host = `10.2.${Math.floor(index / 100)}.${(index % 100) + 1}`;
          return [`cluster-${index}`, cluster];
        }),
      );
    });
    const machines = Array.from({ length: 1000 }, (_, index) => ({
      uuid: standInUuid(5, index),
      name: `vm-${index}`,
      cluster: validState().elements[0]?.uuid ?? "",
      memoryMib: 1,
      addresses: [`10.3.${Math.floor(index / 250)}.${index % 250}`],
    }));
    const scenario = { stack, state: validState({ machines }), standIn: { latency: 20 } };
    const { lines, standIn } = await runScenario(scenario, CHECKS);
    const ofClusters = CHECKS.filter(({ scope, id }) => scope === "cluster" && id !== STANDALONE);
    assert.equal(lines.filter((line) => line.includes("[cluster-")).length, 200 * ofClusters.length);
    assert.equal(standIn.requests.length, new Set(standIn.requests).size);
    assert.ok(standIn.connections() <= 8, String(standIn.connections()));
  }).timeout(15_000);
});

describe(`the check ${CONNECTS}`, () => {
  const linesAt = (host: string, port: number, existing: readonly string[] = []) => {
    const stack = prismCentralStack((settings) => {
      settings["clusters"].demo.nutanix.controlPlaneEndpoint = { host, port };
    });
    return linesOf(CONNECTS, { clusters: ["demo"], stack, existing });
  };

  it("fails where something answers, unless the cluster exists", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      const remedy = "set a free address, or stop what answers there";
      assert.deepEqual(await linesAt("127.0.0.1", port), [
        ` [demo]: fail: 127.0.0.1:${port} answers before the cluster exists; ${remedy}`,
      ]);
      assert.deepEqual(await linesAt("127.0.0.1", port, ["demo"]), [
        " [demo]: pass: the cluster exists, and may answer on its endpoint",
      ]);
    } finally {
      server.close();
    }
  });

  it("is inconclusive where connections are refused, and passes where nothing answers", async () => {
    assert.deepEqual(await linesAt("127.0.0.1", 1), [
      " [demo]: inconclusive: 127.0.0.1:1 rejects connections: a machine has the address, or a firewall answers for it; find out what answers: arping",
    ]);
    assert.deepEqual(await linesAt("endpoint.invalid", 6443), [
      " [demo]: pass: nothing answers on endpoint.invalid:6443",
    ]);
  });
});
