import assert from "node:assert/strict";
import { createServer } from "node:net";
import { PRISM_CENTRAL_CHECKS } from "../../preflight/prism-central/index.ts";
import { CASES } from "./failing-checks.ts";
import { asked, goodStack, goodWorld, linesOf, type Scene } from "./fixture.ts";

/** Dials what the stack file names, and so is asked only of addresses of this machine. */
const DIALS = "endpoint-is-unused";
const only = (id: string) => PRISM_CENTRAL_CHECKS.filter((check) => check.id === id);
const without = (id: string) => PRISM_CENTRAL_CHECKS.filter((check) => check.id !== id);

describe("checks of Prism Central, where all is well", () => {
  for (const { version, api } of [
    { version: "2024.3.0.1", api: "v4" },
    { version: "2024.1.0.1", api: "v3" },
  ]) {
    it(`pass, and say what they found, read by the ${api} API`, async () => {
      const { findings, standIn } = await asked({ world: goodWorld({ version }), checks: without(DIALS) });
      const place = "prism-central.example.com:9440";
      const element = '"PE-Cluster-01"';
      const lines = findings.map(
        ({ check, cluster, verdict, found }) => `${check} ${cluster ?? "-"} ${verdict}: ${found}`,
      );
      const expected = (pair: (cluster: string) => string) => ["demo", "edge"].map(pair);
      const isOld = api === "v3";
      assert.deepEqual(lines, [
        `prism-central-name-resolves - pass: ${place} resolves`,
        `prism-central-port-answers - pass: ${place} answers`,
        `prism-central-certificate-is-trusted - pass: the certificate of ${place} is trusted by the trust bundle or a public CA`,
        `prism-central-host-name-matches - pass: the certificate of ${place} is for prism-central.example.com`,
        `prism-central-authentication-succeeds - pass: ${place} accepts credentials.global`,
        `prism-central-authentication-succeeds - pass: ${place} accepts credentials.edge`,
        isOld
          ? `prism-central-version-is-supported - fail: ${place} runs 2024.1.0.1, and CAPX 1.7.0 asks for 2024.3 or later`
          : `prism-central-version-is-supported - pass: ${place} runs 2024.3.0.1; CAPX 1.7.0 asks for 2024.3 or later`,
        `prism-central-clock-is-in-sync - pass: the clock of ${place} agrees within 60 s`,
        ...["global", "edge"].map(
          (entry) =>
            `prism-central-reads-are-permitted - pass: ${place} lets credentials.${entry} read clusters, subnets, images, projects, virtual machines, categories`,
        ),
        ...["global", "edge"].map(
          (entry) =>
            `prism-central-role-is-sufficient - pass: credentials.${entry} has "capx-${entry}", which holds all 19 permissions`,
        ),
        ...expected(
          (name) =>
            `prism-element-exists ${name} pass: Prism Element ${element} is 00000001-0000-4000-8000-000000000001`,
        ),
        ...expected(
          (name) => `prism-element-is-not-prism-central ${name} pass: ${element} is no name of Prism Central`,
        ),
        ...expected(
          (name) => `subnets-exist ${name} pass: subnet "VM-Network" is 00000002-0000-4000-8000-000000000001`,
        ),
        ...expected((name) => `subnets-reach-the-prism-element ${name} pass: "VM-Network" is on ${element}`),
        ...expected(
          (name) => `image-exists ${name} pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001`,
        ),
        ...expected((name) => `image-is-not-being-deleted ${name} pass: "ubuntu-22.04-k0s" stays`),
        ...expected((name) => `image-fits-the-disk ${name} pass: "ubuntu-22.04-k0s" has 10 GiB of 40Gi`),
        ...expected(
          (name) => `project-exists ${name} pass: project "k0s-project" is 00000004-0000-4000-8000-000000000001`,
        ),
        ...expected((name) => `categories-exist ${name} pass: category environment:dev is there`),
        `gpus-are-free demo pass: ${element} has 4 GPUs "Tesla T4", 4 of them free; 3 are asked for with one for updates`,
        isOld
          ? "storage-container-exists demo unknown: the v3 API does not tell storage containers"
          : `storage-container-exists demo pass: storage container "default-container" is on ${element}`,
        'subnet-addresses-are-free demo pass: the pools of "VM-Network" have 40 free addresses for 5',
        'subnet-addresses-are-free edge pass: the pools of "VM-Network" have 40 free addresses for 6',
        `memory-is-available - pass: 9 machines of demo, edge ask for 36 GiB and an update for 16 GiB on top; ${element} has 320 GiB of 384 GiB that no machine has`,
        `vcpus-are-available - pass: 9 machines of demo, edge ask for 18 vCPUs and an update for 8 vCPUs on top; ${element} has 96 cores, and 24 vCPUs that run`,
        isOld
          ? "storage-is-available - unknown: the v3 API does not tell storage containers"
          : `storage-is-available - pass: 9 machines of demo, edge ask for 360 GiB of disks and an update for 160 GiB of disks on top; the freest storage container of ${element} has 2048 GiB free`,
        'endpoint-is-in-node-subnet edge pass: 10.1.1.201 is in 10.1.1.0/24, the network of "VM-Network"',
        "endpoint-is-outside-subnet-ip-pools demo pass: 192.0.2.200 is in no pool of 2 subnets",
        "endpoint-is-outside-subnet-ip-pools edge pass: 10.1.1.201 is in no pool of 2 subnets",
        "endpoint-is-not-a-vm-address demo pass: no virtual machine has 192.0.2.200",
        "endpoint-is-not-a-vm-address edge pass: no virtual machine has 10.1.1.201",
        ...expected(
          (name) => `vm-names-are-available ${name} pass: no virtual machine is named as one of ${name} would be`,
        ),
        ...expected(
          (name) => `category-value-is-available ${name} pass: there is no category KubernetesClusterName:${name}`,
        ),
        ...expected(
          (name) =>
            `cluster-networks-do-not-overlap-subnets ${name} pass: pods and services are apart from 10.1.1.0/24, the network of "VM-Network"`,
        ),
      ]);
      const isV4 = (call: string) => call.includes("/v4.0/") && !call.includes("domain-managers");
      assert.equal(standIn.calls.some(isV4), !isOld);
    });
  }
});

describe("a check of Prism Central", () => {
  for (const { title, check, scene, lines } of CASES) {
    it(`${check} says so where ${title}`, async () => {
      assert.deepEqual(linesOf(await asked({ ...scene, checks: only(check) }), check), lines);
    });
  }

  it("has a case in which it fails, each of them", () => {
    const failing = CASES.filter(({ lines }) => lines.some((line) => line.includes(" fail: "))).map(
      ({ check }) => check,
    );
    // Where the connection fails is told in faults.test.ts.
    const elsewhere = ["prism-central-name-resolves", "prism-central-port-answers", DIALS];
    const all = PRISM_CENTRAL_CHECKS.map(({ id }) => id);
    assert.deepEqual(
      all.filter((id) => !failing.includes(id) && !elsewhere.includes(id)),
      [],
    );
  });
});

describe("a dialled endpoint", () => {
  const scene = (port: number, over: Scene = {}): Scene => ({
    clusters: ["demo"],
    checks: only(DIALS),
    stack: goodStack(({ clusters }) => {
      clusters.demo.nutanix.controlPlaneEndpoint = { host: "127.0.0.1", port };
    }),
    ...over,
  });

  it("fails a new cluster when something answers, and an existing one not", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const remedy = "take an address that nobody has, or stop what answers there";
    try {
      assert.deepEqual(linesOf(await asked(scene(port)), DIALS), [
        `demo fail: 127.0.0.1:${port} answers, and the cluster does not exist yet; ${remedy}`,
      ]);
      assert.deepEqual(linesOf(await asked(scene(port, { existing: ["demo"] })), DIALS), [
        "demo pass: the cluster exists: whatever answers is its own",
      ]);
    } finally {
      server.close();
    }
  });

  it("is not known to be free when it refuses, since somebody must have the address to refuse", async () => {
    assert.deepEqual(linesOf(await asked(scene(1)), DIALS), [
      "demo unknown: 127.0.0.1:1 refuses: a machine has the address, or a firewall answers for it; see who answers: arping",
    ]);
  });

  it("is free when nothing answers", async () => {
    const stack = goodStack(({ clusters }) => {
      clusters.demo.nutanix.controlPlaneEndpoint = { host: "endpoint.invalid", port: 6443 };
    });
    assert.deepEqual(linesOf(await asked(scene(1, { stack })), DIALS), [
      "demo pass: nothing answers on endpoint.invalid:6443",
    ]);
  });
});
