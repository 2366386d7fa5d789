import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { mermaidOf, svgOf } from "../../../cli/output/diagram-formats.ts";
import { findingsText } from "../../../cli/output/findings-text.ts";
import { shown } from "../../../cli/output/print.ts";
import { statusJson, statusText } from "../../../cli/output/status-view.ts";
import { code, prose } from "../../../cli/review/markdown.ts";
import { manifestsText } from "../../../cli/stack/write-manifests.ts";
import { redactor } from "../../../kubernetes/redact.ts";
import { livingGraph } from "../../../operations/resource-graph.ts";
import { clusterTrees } from "../../../operations/resource-tree.ts";
import { shownSnapshot } from "../../../operations/shown-texts.ts";
import { isPrintableLine, printable, printableLine } from "../../../policy/rules/printable.ts";
import { formatViolation } from "../../../policy/rules/violation.ts";
import { assertLinear } from "../../support/growth.ts";
import { changed, condition, healthy, snapshotOf } from "../operations/snapshots.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** A title of the terminal, a cleared screen, C1, hidden and reordered text, and commands of CI runners. */
const HOSTILE =
  'a\u001b]0;owned\u0007b\u001b[2Jc\u009b31md\u202ee\u200bf\u2066\ufeffg\r\n::error::forged\n##[error]x ##vso[task]y "><script>`#quot;';
/** What no output may have, outside of its own line breaks and colours. */
const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]|^\s*::|##\[|##vso\[/m;

describe("what is printed", () => {
  it("has no character or line that a terminal or a CI runner obeys", () => {
    assert.ok(OBEYED.test(HOSTILE));
    for (const text of [printable(HOSTILE), printableLine(HOSTILE), shown(HOSTILE)]) assert.doesNotMatch(text, OBEYED);
    assert.ok(!printableLine(HOSTILE).includes("\n"));
    assert.ok(isPrintableLine("clusters/größe 50 % – naïve 日本"));
    assert.equal(printable("a\tb\r\nc"), "a\tb\nc");
    assert.equal(printable("\u001b[31m ::x\n  ::y"), "\\u001b[31m ::x\n  \\u003a:y");
  });

  it("has no invisible character, and no command of a CI runner behind blanks of any kind", () => {
    const invisible = ["\ufe0f", "\u{e0100}", "\u3164", "\u115f", "\u034f", "\u{1d173}", "\uffff", "\ud800", "\u2800"];
    for (const one of invisible) assert.ok(!printable(`a${one}b`).includes(one), escape(one));
    for (const blank of ["\u00a0", "\u3000", "\u2003 ", "\t\u1680"])
      assert.doesNotMatch(printable(`a\n${blank}::error::forged`), /^\s*::/m);
    assert.equal(printable("##VSO[task.x]"), "\\u0023#VSO[task.x]");
    // Pulumi takes these for colours: it panics at one that it does not know, and drops what follows an open one.
    assert.equal(printable("a<{%x%}>b <{%"), "a\\u003c{%x%}>b \\u003c{%");
  });

  it("has no entity, address, number of an issue, list or formula in prose, and no setting in a diagram", () => {
    for (const text of ["&commat;org", "&lt;x", "$\\phantom{x}$"]) assert.doesNotMatch(prose(text), /(?<!\\)[&$]/);
    for (const text of ["www.example.com", "(www.example.com", "x/y#12", "GH-12", "- x", "1. x", "---", "/merge"])
      assert.match(prose(text), /^`/);
    const node = { id: "x", kind: "Pod", name: "%%{init: {}}%%", detail: "$$x$$", state: "Failed" } as const;
    assert.doesNotMatch(mermaidOf({ title: "x", nodes: [node], edges: [] }), /%%\{|\$\$/);
  });

  it("keeps the colours of this program, and no other code", () => {
    assert.equal(shown("\u001b[31mred\u001b[39m \u001b[8mhidden"), "\u001b[31mred\u001b[39m \\u001b[8mhidden");
  });

  it("is the same value where it is JSON", () => {
    assert.deepEqual(JSON.parse(shown(JSON.stringify({ text: HOSTILE }, undefined, 2))), { text: HOSTILE });
  });

  it("is the same value where it is a manifest", () => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { [HOSTILE]: HOSTILE } };
    assert.deepEqual(parse(shown(manifestsText([object]))), object);
  });

  it("takes time in proportion to its length", () => {
    assertLinear([100_000, 400_000], (size) => {
      const long = " ".repeat(size) + ":".repeat(size) + "#".repeat(size);
      return () => printableLine(long);
    });
  });

  it("shows hostile texts of controllers on one line of status, doctor and diagrams", () => {
    const failing = changed(healthy("v1beta1"), "NutanixMachine/edge-md-x1-b", {
      status: { conditions: [condition("VMProvisioned", "False", { severity: "Error", message: HOSTILE })] },
    });
    const snapshot = shownSnapshot(snapshotOf(failing), redactor([]));
    const chains = clusterTrees(snapshot);
    const view = { snapshot, chains, absent: [], stack: undefined };
    const graph = livingGraph(HOSTILE, chains);
    const evidence = [{ what: "log", of: "Pod x", text: HOSTILE }] as const;
    const finding = { id: "x", severity: "error", subject: "x", cause: HOSTILE, evidence, remedy: HOSTILE } as const;
    const outputs = {
      text: statusText(view, "tree"),
      json: JSON.stringify(statusJson(view), undefined, 2),
      findings: findingsText([finding], { now: snapshot.takenAt, missing: [] }),
      svg: svgOf(graph),
      mermaid: mermaidOf(graph),
    };
    for (const [name, text] of Object.entries(outputs)) {
      assert.ok(text.includes("forged") || name === "mermaid", name);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of this program
      assert.doesNotMatch(text.replace(/\u001b\[\d+m/g, ""), OBEYED, name);
    }
    const forged = (text: string) => text.split("\n").filter((line) => /^\s*(::|##)/.test(line));
    assert.deepEqual(forged(outputs.text), []);
    assert.doesNotMatch(outputs.svg, /<script/);
    assert.doesNotMatch(outputs.mermaid.replace(/^title: .*$/m, ""), /<script|"><|#quot;/);
  });

  it("has values of a stack file on one line, in a list of violations and in Markdown", () => {
    const line = formatViolation({ path: `clusters.${HOSTILE}`, value: HOSTILE, reason: HOSTILE, remedy: HOSTILE });
    for (const text of [line, prose(HOSTILE), code(HOSTILE)]) {
      assert.ok(!text.includes("\n"));
      assert.doesNotMatch(text, OBEYED);
    }
  });

  it("goes through one file of the command line", () => {
    const files = readdirSync(join(ROOT, "cli"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && file !== join("output", "print.ts"))
      .filter((file) => /process\.std(out|err)\.write\(|console\./.test(readFileSync(join(ROOT, "cli", file), "utf8")));
    assert.ok(existsSync(join(ROOT, "cli/output/print.ts")));
    assert.deepEqual(files, []);
  });
});
