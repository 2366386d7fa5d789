import assert from "node:assert/strict";
import { parse } from "yaml";
import { yamlText } from "../../../kubernetes/yaml-text.ts";

/** Texts that YAML 1.1 or 1.2 takes for something else where they are not quoted. */
const TEXTS = [
  "on",
  "Off",
  "yes",
  "NO",
  "y",
  "n",
  "true",
  "~",
  "null",
  "",
  "1_000",
  "010",
  "0o10",
  "0b1",
  "0x1F",
  "1:30",
  "2026-10-01",
  ".inf",
  "1e3",
  "<<",
  "=",
];

describe("YAML that this project writes", () => {
  for (const version of ["1.1", "1.2"] as const) {
    it(`has the same texts and keys for a reader of YAML ${version}`, () => {
      const value = { list: TEXTS, map: Object.fromEntries(TEXTS.map((text) => [text, text])) };
      assert.deepEqual(parse(yamlText(value), { version }), value);
    });
  }

  it("has numbers and booleans without quotes", () => {
    assert.equal(yamlText({ a: 1, b: true, c: "text" }), "a: 1\nb: true\nc: text\n");
  });
});
