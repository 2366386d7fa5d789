import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parseDocument } from "yaml";
import { mermaidOf, svgOf } from "../../../cli/output/diagram-formats.ts";
import { reportHtml } from "../../../cli/output/report-html.ts";
import { renderStack } from "../../../cli/stack/render-stack.ts";
import { loginOf } from "../../../kubernetes/kubeconfig-merge.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import type { ProviderEntry } from "../../../manifests/management-object.ts";
import { PROVIDER } from "../../../manifests/names.ts";
import { type ReportInput, reportOf } from "../../../operations/build-report.ts";
import { livingGraph, plannedGraph } from "../../../operations/resource-graph.ts";
import { clusterTrees } from "../../../operations/resource-tree.ts";
import { RULES } from "../../../policy/rules/index.ts";
import { statedWaivers } from "../../../policy/rules/waivers.ts";
import { skip } from "../../support/skip.ts";
import { changed, condition, healthy, snapshotOf } from "../../unit/operations/snapshots.ts";
import { findBrowser, look } from "./browser.ts";
import { kubeconfigTo } from "./stand-in-api.ts";

const MAIN = join(import.meta.dirname, "../../../cli/main.ts");
const pem = (name: string) => readFileSync(join(import.meta.dirname, "../../certificates", name), "utf8");
/** What a message from outside might try. */
const HOSTILE = '</title><script>document.title="taken"</script> & "quoted" <b>';

const config = {
  nutanix: { controlPlaneEndpoint: { host: "10.1.1.201", port: 6443 } },
  machineDefaults: { vcpusPerSocket: 2, vcpuSockets: 2, memorySize: "8Gi", systemDiskSize: "60Gi" },
  k0s: { version: "v1.32.6+k0s.0" },
  controlPlaneNumber: 1,
  workersNumber: 2,
};

/** `edge` with a machine that fails in hostile words, and with a config. */
function unwell(): KubernetesObject[] {
  const failing = changed(healthy("v1beta1"), "NutanixMachine/edge-md-x1-b", {
    status: { conditions: [condition("VMProvisioned", "False", { severity: "Error", message: HOSTILE })] },
  });
  return failing.map((one) => (one.kind === "ClusterDeployment" ? { ...one, spec: { ...one.spec, config } } : one));
}

function input(objects: readonly KubernetesObject[]): ReportInput {
  const trusting = objects.map((one) => {
    if (one.kind !== "Management") return one;
    const entries = (one.spec?.["providers"] ?? []) as readonly ProviderEntry[];
    const providers = entries.map((entry) =>
      entry.name === PROVIDER ? { ...entry, config: { trustBundles: { edge: pem("authority.pem") } } } : entry,
    );
    return { ...one, spec: { ...one.spec, providers } };
  });
  const snapshot = snapshotOf(trusting, [{ kind: "Event", why: "forbidden", message: "no" }]);
  const user = { "client-certificate-data": Buffer.from(pem("expired.pem")).toString("base64"), token: "hunter2" };
  const login = loginOf(kubeconfigTo("https://10.1.1.201:6443", user, {}), "Secret x");
  return {
    snapshot,
    trees: clusterTrees(snapshot),
    absent: ["demo"],
    stack: "k0rdent-nutanix.mine",
    logins: new Map([["edge", login]]),
    waivers: statedWaivers(
      {
        environment: "production",
        rules: {
          "production-control-plane-is-redundant": {
            enforcementLevel: "disabled",
            reason: "one host until May",
            until: "2027-05-31",
          },
          "gpus-and-data-disks-on-workers-only": {
            waivers: [{ cluster: "edge", reason: `one host ${HOSTILE}`, until: "2027-06-30" }],
          },
          "clusters-are-backed-up": { waivers: [{ cluster: "demo", reason: "a trial", until: "2020-01-31" }] },
        },
        now: new Date("2026-12-01"),
      },
      RULES,
    ),
  };
}

describe("a graph", () => {
  it("of what runs has each object once, coloured by what it says of itself", () => {
    const { nodes, edges } = livingGraph("edge", clusterTrees(snapshotOf(unwell())));
    assert.equal(nodes.length, 23);
    assert.equal(edges.length, 22);
    assert.deepEqual(
      nodes.filter(({ state }) => state !== "Current").map(({ id, state }) => [id, state]),
      [["NutanixMachine/edge-md-x1-b", "Failed"]],
    );
  });

  it("of what is planned has what the program writes, and what is made of it, under the names that the charts give", async () => {
    const { objects } = await renderStack({ stack: "dev" });
    const { nodes } = plannedGraph("edge", objects, ["edge"]);
    assert.deepEqual(
      nodes.map(({ id, state }) => `${id} ${state}`),
      [
        "ClusterDeployment/edge planned",
        "ClusterTemplate/nutanix-k0s-standalone-1-0-0 rendered",
        "Credential/edge-nutanix planned",
        "Secret/edge-nutanix-identity planned",
        "Cluster/edge rendered",
        "NutanixCluster/edge rendered",
        "Secret/edge-capx-credentials planned",
        "K0sControlPlane/edge-standalone-cp rendered",
        "Secret/edge-encryption-at-rest planned",
        "Secret/edge-kubeconfig rendered",
        "MachineDeployment/edge-md rendered",
      ],
    );
  });

  it("is Mermaid with a class for each state, whatever the messages say", () => {
    const text = mermaidOf(livingGraph(`edge ${HOSTILE}`, clusterTrees(snapshotOf(unwell()))));
    const [, front = "", chart = ""] = text.split(/^---\n/m);
    assert.equal(parseDocument(front).get("title"), `edge ${HOSTILE}`);
    assert.match(chart, /^flowchart LR\n/);
    assert.match(chart, /^ {2}n\d+\["NutanixMachine<br\/>edge-md-x1-b<br\/>Failed: VMProvisioned"\]:::Failed$/m);
    assert.match(chart, /^ {2}classDef Failed fill:/m);
    assert.ok(!chart.includes("<script>"));
  });

  it("is an SVG in which no box lies on another, and which asks for nothing from elsewhere", () => {
    const svg = svgOf(livingGraph(`edge ${HOSTILE}`, clusterTrees(snapshotOf(unwell()))));
    const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="54"/g)].map((match) =>
      match.slice(1).map(Number),
    );
    assert.equal(boxes.length, 23);
    for (const [index, [x = 0, y = 0, width = 0]] of boxes.entries())
      for (const [left = 0, top = 0, wide = 0] of boxes.slice(index + 1))
        assert.ok(x + width <= left || left + wide <= x || y + 54 <= top || top + 54 <= y);
    assert.ok(!svg.includes("<script"));
    assert.deepEqual(svg.match(/https?:\/\/[^"]+/g), ["http://www.w3.org/2000/svg"]);
  });
});

describe("npm run graph", function () {
  this.timeout(60_000);

  it("rejects a cluster that the stack does not have, and a file of a kind that it cannot write", async () => {
    const run = (...words: string[]) => execa(process.execPath, [MAIN, "graph", ...words], { reject: false });
    const [unknown, ending] = await Promise.all([
      run("nonsense", "--planned"),
      run("edge", "--planned", "--out", "x.png"),
    ]);
    assert.match(unknown.stderr, /cluster: "nonsense" is not in the stack dev; name one of demo, edge$/);
    assert.equal(ending.stderr, '--out: "x.png" has an unknown extension; use .svg or .mmd, or set --format');
    assert.deepEqual([unknown.exitCode, ending.exitCode], [2, 2]);
  });
});

describe("a report", function () {
  this.timeout(120_000);
  const given = input(unwell());
  const report = reportOf(given);
  const html = reportHtml(given, report);

  it("knows capacity, versions, and what ends when", () => {
    assert.deepEqual(report.total, { machines: 3, vcpus: 12, memoryGib: 24, diskGib: 180 });
    const [{ mode, k0s, endpoint, controlPlane, workers }] = report.facts as [any];
    assert.deepEqual(
      [mode, k0s, endpoint, controlPlane, workers],
      ["standalone", "v1.32.6+k0s.0", "10.1.1.201:6443", "1/1", "2/2"],
    );
    assert.deepEqual(
      report.versions.map(({ what, version }) => `${what} ${version}`),
      [
        "kcm (Management) kcm-1-2-0",
        "InfrastructureProvider nutanix v1.7.0",
        "ProviderTemplate cluster-api-provider-nutanix-1-0-0 1.0.0",
        "ClusterTemplate nutanix-k0s-standalone-1-0-0 1.0.0",
      ],
    );
    assert.deepEqual(
      report.aging.map(({ what, changed, ends }) => [what, changed ?? "", ends === undefined ? "" : "ends"]),
      [
        ["kubeconfig: client certificate", "", "ends"],
        ["Secret edge-nutanix-identity", "2026-11-24T10:00:00Z", ""],
        ["Secret edge-capx-credentials", "2026-11-24T10:00:00Z", ""],
        ["trust bundle of Prism Central", "", "ends"],
      ],
    );
  });

  it("is one page without a script, an address to load from, or a secret", () => {
    assert.ok(!html.includes("<script"));
    assert.ok(!/(src|href)=/.test(html));
    assert.ok(!html.includes("hunter2"));
    assert.ok(!html.includes("\u001b"));
    assert.match(html, /<span class="state over">\d{4}-\d\d-\d\d \(expired .+ ago\)<\/span>/);
    assert.match(html, /not shown, forbidden: Event/);
  });

  it("lists waivers and lowered levels with cluster, reason and end, and marks invalid ones", () => {
    const [, waived = ""] = html.split("<h2>Policy waivers and lowered levels</h2>");
    const rows = [...(waived.split("<h2>")[0] ?? "").matchAll(/<tr><td>(.*)<\/td><\/tr>/g)].map(([, row = ""]) =>
      row.split("</td><td>").map((cell) => cell.replace(/<[^>]+>/g, "")),
    );
    assert.deepEqual(
      rows.map(([rule, cluster]) => [rule, cluster]),
      [
        ["clusters-are-backed-up", "demo"],
        ["production-control-plane-is-redundant", "all (disabled)"],
        ["gpus-and-data-disks-on-workers-only", "edge"],
      ],
    );
    assert.equal(rows[0]?.[3], "2020-01-31 (expired or not allowed)");
    assert.match(rows[2]?.[2] ?? "", /^one host &lt;\/title&gt;&lt;script&gt;/);
    assert.match(rows[1]?.[3] ?? "", /^2027-05-31 \((in|expired) /);
    const none = reportHtml({ ...given, waivers: [] }, report);
    assert.match(none, /None: every policy applies to every cluster\./);
    assert.match(reportHtml({ ...given, waivers: undefined }, report), /Unknown: no stack file was read\./);
  });

  it("is taken by a real browser without a complaint, and looks like something", async function () {
    const browser = await findBrowser();
    if (browser === undefined) skip(this, "no chromium; install it or set CHROME_PATH");
    const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-report-"));
    const file = join(folder, "report.html");
    writeFileSync(file, html);
    const seen = await look(browser, file);
    try {
      assert.deepEqual(seen.complaints, []);
      assert.match(seen.dom, /<title>Clusters of k0rdent-nutanix\.mine<\/title>/);
      assert.equal(seen.dom.match(/<svg /g)?.length, 1);
      assert.match(seen.dom, /<details open="">/);
      assert.ok(!seen.dom.includes('document.title="taken"</script>'));
      assert.ok(statSync(seen.png).size > 30_000, "a blank page is smaller");
    } finally {
      seen.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
