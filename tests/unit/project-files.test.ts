import assert from "node:assert/strict";
import { CODE, FILES, read } from "./project-files.ts";

describe("the project's files", () => {
  // Words of no field. "connection refused", "there is no …" and the noun "stand-in" are right.
  const DIALECT =
    /\b(asked|told|held|gone|anew|whoever|neighbours?|foreign|ill)\b|\bmend(s|ed|ing)?\b|\b(no|some)body\b|\bst(ands?|ood)\b(?!-)|\btak(es?|en|ing) (it|them|one|that|(the|an?) \w+( \w+)?) (out|away)\b|\bin clear\b|\bholds? up\b|\brefus(es?|ing)\b|(?<!\bconnection )(?<!\bconnection is )\brefused\b|(?<!\bthere )\b(is|are) no [a-z]+|\bis none\b|\bmade (of|for|from)\b|\blet in\b|\bplay(s|ed|ing)?\b|\bbr(ings?|ought)\b|\bliving (cluster|stack|kcm)s?\b|\bfor life\b|\bhands? out\b|\btells\b|\blooks? for\b/i;

  it("use the words of Kubernetes and Pulumi in what the program prints", () => {
    const strings = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
    // Single words are values, such as an error code; sentences have a space.
    const isValue = (text: string) => /^["'`][\w-]*["'`]$/.test(text) || text.includes("is refused");
    const found = CODE.filter((file) => file.endsWith(".ts") && !file.startsWith("tests/")).flatMap((file) => {
      const code = read(file).replace(/^\s*(\/\/|\/?\*).*$/gm, "");
      return (code.match(strings) ?? [])
        .filter((text) => DIALECT.test(text) && !isValue(text))
        .map((text) => `${file}: ${text.slice(0, 200)}`);
    });
    assert.deepEqual(found, []);
  });

  it("use them in the documentation and the charts, too", () => {
    const texts =
      /^(docs\/.*\.md|(README|CONTRIBUTING|CHANGELOG)\.md|(charts\/[^/]+|policy|sandbox)\/README\.md|charts\/[^/]+\/(templates\/.*|Chart\.yaml)|Pulumi\.[\w.]*yaml|\.github\/.*|\.gitlab-ci\.yml)$/;
    const found = FILES.filter((file) => texts.test(file)).flatMap((file) =>
      read(file)
        .split("\n")
        .flatMap((line, index) => (DIALECT.test(line) ? [`${file}:${index + 1}: ${DIALECT.exec(line)?.[0]}`] : [])),
    );
    assert.deepEqual(found, []);
  });

  it("say nothing of where they were written", () => {
    // The words are put together here, so that this file does not hold them itself.
    const words = [
      ["/wo", "rk/"],
      ["iss", "ue #"],
      ["registry.npm", "js.org"],
      ["proxy.gol", "ang.org"],
      ["sess", "ion of"],
    ].map((parts) => parts.join(""));
    const found = FILES.flatMap((file) => {
      const text = read(file);
      return words.filter((word) => text.includes(word)).map((word) => `${file}: ${word}`);
    });
    assert.deepEqual(found, []);
  });

  it("lock every package by its checksum, and by no address", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { integrity?: string; resolved?: string; link?: boolean }>;
    };
    const entries = Object.entries(packages).filter(([path]) => path !== "");
    assert.ok(entries.length > 100);
    assert.deepEqual(
      entries.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path),
      [],
    );
    assert.deepEqual(
      entries.filter(([, { resolved, link }]) => resolved !== undefined || link).map(([path]) => path),
      [],
    );
  });

  it("pin every package to one version", () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read("package.json"));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
    }
  });
});
