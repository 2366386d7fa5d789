import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCAL } from "../../../cli/stack/paths.ts";
import { readStackFile, sandboxOf } from "../../../cli/stack/stack-file.ts";

describe("the stack file of a run on this machine", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-stack-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: demo\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (kubeconfig: string) =>
    writeFileSync(join(folder, "Pulumi.dev.yaml"), `config:\n  demo:management: { kubeconfig: ${kubeconfig} }\n`);
  const sandbox = (name: string) => join(LOCAL, "sandbox", name, "kubeconfig");

  it("names its sandbox by the kubeconfig", () => {
    write(sandbox("try"));
    assert.equal(sandboxOf("dev", undefined, folder), "try");
    assert.equal(sandboxOf("dev", "try", folder), "try");
    const { project, kubeconfig } = readStackFile("dev", folder);
    assert.deepEqual({ project, kubeconfig }, { project: "demo", kubeconfig: sandbox("try") });
  });

  const elsewhere = (file: string, name: string) =>
    `management.kubeconfig: "${file}" is not the sandbox ${name}; ` +
    `set .local/sandbox/${name}/kubeconfig in Pulumi.dev.yaml, or run \`pulumi up --stack dev\` to deploy to that cluster`;

  it("is rejected when it uses another cluster", () => {
    for (const file of ["/home/me/.kube/config", join(LOCAL, "sandbox/try/other"), join(LOCAL, "sandbox")]) {
      write(file);
      const name = file.endsWith("other") ? "try" : "dev";
      assert.throws(() => sandboxOf("dev", undefined, folder), { message: elsewhere(file, name), exitCode: 2 });
    }
    write(sandbox("try"));
    assert.throws(() => sandboxOf("dev", "../try", folder), {
      message: /^sandbox: "..\/try" is not the name of one; /,
    });
    assert.throws(() => sandboxOf("dev", "dev", folder), { message: elsewhere(sandbox("try"), "dev") });
  });

  it("is rejected when it does not exist, names no cluster, or is not valid YAML", () => {
    assert.throws(() => sandboxOf("mine", undefined, folder), {
      message: `--stack: "mine" has no stack file ${join(folder, "Pulumi.mine.yaml")}; run pulumi stack init mine, or name another stack`,
      name: "ConfigError",
    });
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "config: {}\n");
    assert.throws(() => sandboxOf("dev", undefined, folder), { message: elsewhere("", "dev") });
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "config: {\n");
    assert.throws(() => sandboxOf("dev", undefined, folder), {
      message: /Pulumi\.dev\.yaml: is not valid YAML because .*; fix the file$/,
    });
  });
});
