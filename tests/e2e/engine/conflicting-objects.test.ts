import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { connectKubernetes } from "../../../kubernetes/client.ts";
import { readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import { RULES } from "../../../policy/rules/index.ts";
import { TOOL_NAMES } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../../../sandbox/sandbox-cluster.ts";
import { type ProgramFolder, programFolder } from "../../integration/policy/pack-engine.ts";
import { type PackResource, validResources } from "../../integration/policy/pack-fixture.ts";
import others from "../../integration/policy/pack-others.ts";
import { requireTools } from "../../support/skip.ts";

const SAID: Readonly<Record<string, string>> = {
  demo: "ClusterDeployment kcm-system/demo spec.config.nutanix.prismCentral.insecure: disables verification of Prism Central's certificate; set it to false, and set prismCentral.trustBundle to its CA certificates",
  "edge-trust-bundle":
    "ConfigMap kcm-system/edge-pc-ca data.settings: contains a password; move it to a Secret, reference that here, and treat the value as compromised",
  "raw-nutanix":
    "NutanixCluster kcm-system/raw-nutanix spec.controlPlaneEndpoint.host: is a loopback address, which machines cannot reach; use a free IPv4 address of the nodes' network, outside every DHCP and IPAM range",
};

/** A ClusterDeployment, a ConfigMap and a NutanixCluster with one fault each, or with none. */
function objects({ broken }: { broken: boolean }): PackResource[] {
  const { demo, bundle, nutanix } = validResources();
  if (broken) {
    demo.props["spec"].config.nutanix.prismCentral.insecure = true;
    bundle.props["data"].settings = "password: canary";
    nutanix.props["spec"].controlPlaneEndpoint.host = "127.0.0.1";
  }
  return [demo, bundle, nutanix];
}

describe("objects that other programs write, under the policy pack", function () {
  this.timeout(300_000);
  let program: ProgramFolder;
  let folder = "";
  let kubeconfig = "";

  before(async function () {
    const tools = await requireTools(this, TOOL_NAMES);
    program = await programFolder(tools, others);
    // The plugin asks an API server what kinds there are before it makes the parts of a yaml.v2 resource.
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-others-"));
    const sandbox = await createSandbox({ name: "others", directory: folder, tools, controllers: false });
    kubeconfig = readFileSync(sandbox.kubeconfig, "utf8");
    const client = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) });
    const definitions = join(sandbox.kcmChart, "definitions");
    for (const file of readdirSync(definitions))
      await client.apply(JSON.parse(readFileSync(join(definitions, file), "utf8")));
  });
  after(async () => {
    await program?.remove();
    if (folder === "") return;
    await deleteSandbox(folder);
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the pack says in a preview of objects that are registered in one of the ways. */
  async function previewed(way: string, all: readonly PackResource[]) {
    const texts = all.map(({ props }) => stringify(props));
    writeFileSync(join(program.folder, "objects.yaml"), texts.join("---\n"));
    const config = { "other:program": JSON.stringify({ way, kubeconfig }) };
    const { passed, violations, printed } = await program.preview(all, { config });
    const said = violations.map(({ level, message }) => `${level} ${message}`).sort();
    return { passed, said, printed };
  }

  function expected(all: readonly PackResource[]): string[] {
    const rules = { demo: "prism-central-tls-is-verified", "edge-trust-bundle": "secrets-are-not-in-plain-text" };
    return all
      .map(({ name }) => {
        const rule = { ...rules, "raw-nutanix": "endpoint-is-routable" }[name];
        return `mandatory ${RULES.find((one) => one.name === rule)?.why}\n${SAID[name]}`;
      })
      .sort();
  }

  for (const way of ["yaml.v2.ConfigGroup", "yaml.ConfigGroup", "yaml.ConfigFile"]) {
    it(`are rejected where ${way} makes them`, async () => {
      const broken = objects({ broken: true });
      const refused = await previewed(way, broken);
      assert.deepEqual(refused.said, expected(broken), refused.printed);
      assert.equal(refused.passed, false);
    });
  }

  it("are taken where yaml.v2.ConfigGroup makes them and nothing is wrong", async () => {
    const taken = await previewed("yaml.v2.ConfigGroup", objects({ broken: false }));
    assert.deepEqual([taken.passed, taken.said], [true, []], taken.printed);
  });

  it("are rejected where a typed class of crd2pulumi's shape makes them", async () => {
    const [broken] = objects({ broken: true }).slice(0, 1);
    assert.ok(broken);
    const refused = await previewed("a typed class", [broken]);
    assert.deepEqual(refused.said, expected([broken]), refused.printed);
    assert.equal(refused.passed, false);
  });
});
