import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { CODE, FILES, ROOT, read } from "./project-files.ts";

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isLazy: boolean;
}

/** What a file imports, relative paths resolved against the project. */
function importsOf(file: string): Import[] {
  const found = [
    ...read(file).matchAll(
      /(?:\bfrom\s+|\bimport\s+|\bimport\((?=["']))["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g,
    ),
  ];
  return found.map((match) => {
    const word = match[1] ?? match[2] ?? "";
    const to = word.startsWith(".") ? relative(ROOT, join(ROOT, dirname(file), word)) : word;
    return { from: file, to, isLazy: /import\(/.test(match[0]) };
  });
}

/** The room of a file: its folder, or the file itself at the top. */
function room(path: string): string {
  if (path.startsWith("policy/rules/")) return "policy/rules";
  return path.includes("/") ? (path.split("/")[0] ?? "") : path;
}

const OUTER = CODE.filter(
  (file) =>
    file === "index.ts" ||
    /^(components|config|kubernetes|preflight|prism-central|operations|manifests|schema|policy)\//.test(file),
);
const isOurs = ({ to }: Import) => FILES.includes(to);

/** What each room may import of ours, beside the clients. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  "index.ts": ["components", "config"],
  components: ["components", "config", "preflight", "manifests", "schema", "policy/rules"],
  config: ["config", "manifests", "schema", "policy/rules"],
  kubernetes: ["kubernetes"],
  "prism-central": ["prism-central"],
  preflight: ["preflight", "manifests", "schema", "policy/rules"],
  manifests: ["manifests", "schema", "policy/rules"],
  operations: ["operations", "manifests", "schema", "policy/rules"],
  schema: ["schema", "policy/rules"],
  policy: ["policy", "policy/rules"],
  "policy/rules": ["policy/rules"],
};
/** Clients that know nothing of ours: any room but the pack may import them. */
const CLIENTS = ["kubernetes", "prism-central"];

describe("the architecture", () => {
  for (const [from, allowed] of Object.entries(MAY)) {
    it(`lets ${from} import only ${allowed.join(", ")} of ours`, () => {
      const wrong = OUTER.filter((file) => room(file) === from)
        .flatMap(importsOf)
        .filter((one) => isOurs(one) && !allowed.includes(room(one.to)))
        .filter(({ to }) => !CLIENTS.includes(room(to)) || [...CLIENTS, "policy", "policy/rules"].includes(from));
      assert.deepEqual(wrong, []);
    });
  }

  it("lets no file import the program, the pack or the tests, but for the command line, which starts the program", () => {
    const wrong = CODE.filter((file) => !file.startsWith("tests/") && !file.startsWith("bench/"))
      .flatMap(importsOf)
      .filter(({ to }) => ["index.ts", "policy/index.ts"].includes(to) || to.startsWith("tests/"))
      .filter(({ from, to, isLazy }) => !(to === "index.ts" && from.startsWith("cli/") && isLazy));
    assert.deepEqual(wrong, []);
  });

  it("lets no file import commands but the command line itself", () => {
    const wrong = CODE.filter((file) => /^(cli|bench|packaging|sandbox)\//.test(file))
      .filter((file) => file !== "cli/main.ts" && !file.startsWith("cli/commands/"))
      .flatMap(importsOf)
      .filter(({ to }) => to.startsWith("cli/commands/"));
    assert.deepEqual(wrong, []);
  });

  it("keeps Pulumi out of schema, manifests, operations and rules", () => {
    const wrong = CODE.filter((file) => /^(schema|manifests|operations|policy\/rules)\//.test(file))
      .flatMap(importsOf)
      .filter(({ to }) => to.startsWith("@pulumi/") || to.startsWith("@kubernetes/"));
    assert.deepEqual(wrong, []);
  });

  it("keeps Pulumi out of the preflight", () => {
    const wrong = CODE.filter((file) => file.startsWith("preflight/"))
      .flatMap(importsOf)
      .filter(({ to }) => to.startsWith("@pulumi/"));
    assert.deepEqual(wrong, []);
  });

  it("loads the Kubernetes client where a call is made, and not at the start", () => {
    const eager = OUTER.filter((file) => /^import (?!type)[^;]*"@kubernetes\/client-node"/m.test(read(file)));
    assert.deepEqual(eager, []);
  });

  it("takes each resource class from its own file, since an index loads a hundred modules", () => {
    const whole = OUTER.filter((file) => /^import (?!type)[^;]*"@pulumi\/(kubernetes|random)"/m.test(read(file)));
    assert.deepEqual(whole, []);
  });

  it("reads the stack's configuration in one place", () => {
    // The pack asks for the names of secret keys by itself: it must stand alone.
    const readers = OUTER.filter((file) => !file.startsWith("policy/") && /new pulumi\.Config\(/.test(read(file)));
    assert.deepEqual(readers, ["config/index.ts"]);
  });

  it("declares each top-level type, interface and class name once", () => {
    const files = new Map<string, string[]>();
    for (const file of CODE.filter((one) => !one.startsWith("tests/"))) {
      for (const [, name = ""] of read(file).matchAll(
        /^(?:export )?(?:abstract )?(?:type|interface|class|enum) (\w+)/gm,
      )) {
        files.set(name, [...(files.get(name) ?? []), file]);
      }
    }
    assert.deepEqual(
      [...files].filter(([, declared]) => declared.length > 1),
      [],
    );
  });

  it("keeps the program within 40 lines, and every file within 250", () => {
    assert.ok(read("index.ts").trimEnd().split("\n").length <= 40);
    const long = OUTER.filter((file) => read(file).split("\n").length > 251);
    assert.deepEqual(long, []);
  });

  it("keeps hooks, Pulumi's test runtime and asynchronous context in one file of the components", () => {
    const words = /AsyncLocalStorage|new pulumi\.(Resource|Error)Hook|getMonitor\(/;
    const files = OUTER.filter((file) => file.startsWith("components/") && words.test(read(file)));
    assert.deepEqual(files, ["components/internal/hooks.ts"]);
  });

  it("names components by its own type tokens, hands their options on, and gives children their parent alone", () => {
    for (const file of OUTER.filter((file) => file.startsWith("components/"))) {
      const text = read(file);
      const name = /export class (\w+) extends pulumi\.ComponentResource/.exec(text)?.[1];
      if (name === undefined) continue;
      assert.match(text, new RegExp(`super\\("k0rdent-nutanix:index:${name}", name, \\{[^}]*\\}, opts\\);`), file);
      assert.match(text, /this\.registerOutputs\(\{/, file);
      assert.doesNotMatch(text, /provider: (this|args|opts)/, file);
      const kinds = [...text.matchAll(/^import \{ (\w+) \} from "@pulumi\/(?:kubernetes|random)\//gm)].map(
        ([, kind]) => kind,
      );
      if (name !== "NutanixPlatform")
        assert.match(text, new RegExp(`new (${kinds.join("|") || "\\0"})\\(|= create\\w+\\(`), file);
      assert.ok((text.match(/parent: this|\.\.\.parent\b|\bparent,\n/g)?.length ?? 0) > 0, file);
    }
  });

  it("logs to the engine in one place, which escapes what a terminal would obey", () => {
    const files = OUTER.filter((file) => /pulumi\.log\.(info|warn|error)/.test(read(file)));
    assert.deepEqual(files, ["components/internal/log.ts"]);
  });

  it("neither prints nor logs a login", () => {
    const wrong = OUTER.filter((file) =>
      /(console\.\w+|\blog\.\w+)\([^;]*\b(password|username|kubeconfig\b(?! could| yet)|secret\.data|login)\b[^;]*\$\{(password|username|login|value|text)\b/.test(
        read(file),
      ),
    );
    assert.deepEqual(wrong, []);
    assert.deepEqual(
      OUTER.filter((file) => /console\./.test(read(file))),
      [],
    );
  });
});
