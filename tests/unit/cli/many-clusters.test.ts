import assert from "node:assert/strict";
import { findingsText } from "../../../cli/output/findings-text.ts";
import { reportHtml } from "../../../cli/output/report-html.ts";
import { statusText } from "../../../cli/output/status-view.ts";
import type { ClusterReview, Review } from "../../../cli/review/model.ts";
import { page } from "../../../cli/review/page.ts";
import { reportOf } from "../../../operations/build-report.ts";
import { someOf } from "../../../operations/diagnoses/finding.ts";
import type { ClusterTree } from "../../../operations/resource-tree.ts";
import { SNAPSHOT_KINDS, type Snapshot } from "../../../operations/snapshot.ts";
import { formatViolations, violationLines } from "../../../policy/rules/violation.ts";
import { resultLine, sharedResults } from "../../../preflight/preflight-report.ts";
import type { PreflightCheckResult } from "../../../preflight/run-checks.ts";

const NAMES = Array.from({ length: 1000 }, (_, index) => `c${String(index).padStart(4, "0")}`);
const NOW = "2026-11-28T12:00:00Z";

describe("a thousand clusters", () => {
  it("share one line for one violation, and have their own for others", () => {
    const shared = NAMES.map((name) => ({
      path: `clusters.${name}.mode`,
      value: "x",
      reason: "is wrong",
      remedy: "fix it",
    }));
    const own = { path: "clusters.c0007.mode", value: "y", reason: "is wrong", remedy: "fix it" };
    assert.deepEqual(violationLines([...shared, own]), [
      'clusters.{c0000, c0001, c0002 and 997 more}.mode: "x" is wrong; fix it',
      'clusters.c0007.mode: "y" is wrong; fix it',
    ]);
    assert.equal(formatViolations("policy violations:", shared.slice(0, 3)).split("\n").length, 4);
  });

  it("are a status of one screen, those that are not ready first", () => {
    const chains = NAMES.map((name, index) => tree(name, index % 10 === 9 ? "Failed" : "Current"));
    const text = statusText({ snapshot: SNAPSHOT, chains, absent: [], stack: "p.s" }, "auto");
    const lines = text.split("\n");
    assert.ok(lines.length < 60, `${lines.length} lines`);
    assert.match(lines.find((line) => /c\d{4}/.test(line)) ?? "", /c0009 +Failed/);
    assert.match(
      text,
      /c0009 .*no machine\n {2}the same for c0019, .*c0209 and 79 more; --brief prints a line for each\n/,
    );
    assert.ok(lines.includes("… and 871 more: 871 Current; --brief prints a line for each"), text);
    assert.equal(lines.at(-1), "1000 clusters: 900 Current, 100 Failed");
    const brief = statusText({ snapshot: SNAPSHOT, chains, absent: [], stack: "p.s" }, "brief");
    for (const name of NAMES) assert.ok(brief.includes(name));
  });

  it("share the reason in a report, and fold its tables", () => {
    const trees = NAMES.map((name, index) => tree(name, index % 10 === 9 ? "Failed" : "Current"));
    const input = { snapshot: SNAPSHOT, trees, absent: [], stack: undefined, logins: new Map() };
    const html = reportHtml(input, reportOf(input));
    assert.equal(html.match(/ClusterDeployment c0009: Ready: no machine/g)?.length, 1);
    assert.equal(html.match(/<td>the same as c0009<\/td>/g)?.length, 99);
    assert.match(html, /<summary>950 more<\/summary>/);
  });

  it("share the text of a finding", () => {
    const findings = NAMES.map((cluster) => ({
      ...{ id: "x-fails", severity: "error" as const, cause: `x of ${cluster} fails`, remedy: "fix it" },
      ...{ subject: `Machine ${cluster}`, cluster, evidence: [] },
    }));
    const lines = findingsText(findings, { now: NOW, missing: [] }).split("\n");
    assert.equal(lines.length, 4);
    assert.match(lines[2] ?? "", /the same for c0001, .*c0020 and 979 more; --verbose prints each/);
    assert.equal(lines[3], "1000 errors");
  });

  const names = ["alpha", "beta", "gamma", "delta", "eps"];
  const sharing: Record<string, [isShared: boolean, (name: string, index: number) => string]> = {
    "the same with its own name": [true, (name) => `${name}-md-0-x7k2p-bcdfg has no image`],
    "the same with its own address": [true, (name, index) => `10.1.0.${index}:6443 of ${name} does not answer`],
    "another cause each": [
      false,
      (_, index) => ["disk full", "quota", "webhook denied", "timeout", "x"][index % 5] ?? "",
    ],
    "another object of its own": [
      false,
      (name, index) => `${name}-${["nutanix-identity", "capx-credentials", "pc-ca", "a", "b"][index % 5]} not found`,
    ],
    "another object of all": [false, (_, index) => `login-${"abcde"[index % 5]} not found`],
  };
  for (const [what, [isShared, message]] of Object.entries(sharing))
    it(`${isShared ? "share" : "do not share"} what fails: ${what}`, () => {
      const findings = names.map((cluster, index) => ({
        ...{ id: "x", severity: "error" as const, cause: message(cluster, index), remedy: "fix it", cluster },
        ...{ subject: `ClusterDeployment ${cluster}`, evidence: [] },
      }));
      const found = findingsText(findings, { now: NOW, missing: [] });
      assert.equal(found.includes("the same for beta"), isShared, found);
      const failed = names.map((name, index) => tree(name, "Failed", message(name, index)));
      const status = statusText(
        { snapshot: SNAPSHOT, chains: [...failed, ...READY], absent: [], stack: "p.s" },
        "auto",
      );
      assert.equal(status.includes("the same for beta"), isShared, status);
      const checks = names.map((cluster, index): PreflightCheckResult => {
        return { check: "x", cluster, status: "fail", message: message(cluster, index) };
      });
      assert.equal(sharedResults(checks).length, isShared ? 1 : names.length);
    });

  it("do not share what fails in objects of other names", () => {
    const failed = names.map((name, index) => {
      const one = tree(name, "Failed");
      const login = { ...one.root, kind: "Credential" as const, name: `login-${index}` };
      return { ...one, blockedBy: [one.root, login] };
    });
    const status = statusText({ snapshot: SNAPSHOT, chains: [...failed, ...READY], absent: [], stack: "p.s" }, "auto");
    assert.ok(!status.includes("the same"), status);
  });

  it("share the text of a finding whose remedy names their object", () => {
    const findings = NAMES.map((cluster) => ({
      ...{ id: "x-fails", severity: "error" as const, cause: `${cluster}-a fails`, subject: `Machine ${cluster}-a` },
      ...{ remedy: `delete ${cluster}-a`, cluster, evidence: [] },
    }));
    const lines = findingsText(findings, { now: NOW, missing: [] }).split("\n");
    assert.equal(lines.length, 4);
    assert.match(lines[1] ?? "", /delete c0000-a/);
  });

  it("are a finding with some of their names, and some of its evidence", () => {
    const cause = `the clusters ${someOf(NAMES)} have one address`;
    assert.match(cause, /^the clusters c0000, .*c0019 and 980 more have one address$/);
    assert.equal(someOf(["a", "b"], " and "), "a and b");
    const evidence = NAMES.map((name) => ({ what: "status" as const, of: `Cluster ${name}`, text: "x" }));
    const finding = {
      id: "x",
      severity: "error" as const,
      cause,
      remedy: "fix it",
      subject: "Cluster c0000",
      evidence,
    };
    const lines = findingsText([finding], { now: NOW, missing: [] }).split("\n");
    assert.equal(lines.length, 24);
    assert.equal(lines[21], "    and 980 more; --verbose prints each");
  });

  it("share one line of a preflight, those that pass and those that do not", () => {
    const results = NAMES.flatMap((cluster, index): PreflightCheckResult[] => [
      { check: "endpoint-is-free", cluster, status: "pass", message: `10.0.0.${index} does not answer` },
      { check: "image-exists", cluster, status: "fail", message: `${cluster} has no image`, remedy: "upload it" },
    ]);
    const own: PreflightCheckResult = { check: "image-exists", cluster: "c0007", status: "fail", message: "is broken" };
    assert.deepEqual(sharedResults([...results, own]).map(resultLine), [
      "endpoint-is-free [c0000, c0001, c0002 and 997 more]: pass: 10.0.0.0 does not answer",
      "image-exists [c0000, c0001, c0002 and 997 more]: fail: c0000 has no image; upload it",
      "image-exists [c0007]: fail: is broken",
    ]);
  });

  it("are one section of a review where they change alike, and a table where they do not", () => {
    const alike = page(review(NAMES.map((name) => updated(name, 5))));
    assert.match(alike, /### 1000 clusters \(hcp\): updated\n\nEach like `c0000`, .* and 980 more:/);
    assert.equal(alike.match(/^### .*cluster/gim)?.length, 2);
    const endpointOf = (index: number) => `10.0.0.${index}:6443`;
    const created = NAMES.map((name, index) => ({
      ...updated(name, 5),
      ...{ operation: "create" as const, endpoint: endpointOf(index), summary: ["k0s v1.32.6+k0s.0"] },
    }));
    assert.match(
      page(review(created)),
      /### 1000 clusters \(hcp\): created\n\nEach like `c0000` \(10\.0\.0\.0:6443\), .*`c0019` \(10\.0\.0\.19:6443\) and 980 more:/,
    );
    assert.match(page(review(created.slice(0, 1))), /\n- endpoint 10\.0\.0\.0:6443\n- k0s v1\.32\.6/);
    const different = page(review(NAMES.map((name, index) => updated(name, index + 5))));
    assert.match(different, /### 970 more clusters\n/);
    assert.match(different, /… and 920 more: see the JSON of the review/);
    assert.match(different, /### Objects of the first 12 clusters/);
  });
});

/** More than are shown with their trees. */
const READY = NAMES.slice(0, 20).map((name) => tree(name, "Current"));

const SNAPSHOT: Snapshot = {
  ...{ server: "https://127.0.0.1:6443", namespace: "kcm-system", takenAt: NOW, events: [], gaps: [] },
  objects: Object.fromEntries(SNAPSHOT_KINDS.map((kind) => [kind, []])) as unknown as Snapshot["objects"],
};

function tree(name: string, state: "Current" | "Failed", message = "no machine"): ClusterTree {
  const cause = { type: "Ready", message };
  const root = { kind: "ClusterDeployment" as const, name, state, detail: "", children: [], cause };
  return { name, namespace: "kcm-system", state, root, blockedBy: state === "Current" ? [] : [root] };
}

const total = (machines: number) => ({ machines, vcpus: machines, memoryGib: machines, diskGib: machines });

function updated(name: string, workers: number): ClusterReview {
  return {
    ...{ name, operation: "update", mode: "hcp", summary: [], rollouts: [], notes: [] },
    changes: [
      {
        operation: "update",
        kind: "ClusterDeployment",
        name,
        fields: [{ path: "workersNumber", before: 2, after: workers }],
      },
    ],
    capacity: { before: total(2), after: total(workers), surge: total(0) },
  };
}

function review(clusters: ClusterReview[]): Review {
  const nodes = clusters.map(({ name }) => ({
    ...{ id: `ClusterDeployment ${name}`, label: `ClusterDeployment ${name}` },
    ...{ operation: "update" as const, cluster: name },
  }));
  return {
    ...{ stack: "many", source: "render", compared: { base: "a", head: "b" }, verdict: "passed" },
    ...{ violations: [], warnings: [], settings: [], secrets: [], unchanged: [], shared: [], unknown: [] },
    ...{ clusters, capacity: { before: total(1), after: total(2), surge: total(0) }, graph: { nodes, edges: [] } },
  };
}
