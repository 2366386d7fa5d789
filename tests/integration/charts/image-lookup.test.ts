import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { imageNamePattern } from "../../../preflight/prism-central/checks/image-checks.ts";
import { skip } from "../../support/skip.ts";
import { LINES, MODES, needsHelm, only, type Rendered, render, valueFiles } from "./helm-template.ts";

interface ImageLookup {
  baseOS: string;
  format: string;
}

/** The lookups of all machines, those in the variables of a topology included. */
function lookupsOf(objects: readonly Rendered[]): ImageLookup[] {
  const templates = objects.filter(({ kind }) => kind === "NutanixMachineTemplate");
  const pools: Rendered[] = only(objects, "Cluster").spec.topology?.workers?.machineDeployments ?? [];
  const overrides = pools.flatMap(({ variables }) => variables.overrides as Rendered[]);
  return [...templates.map(({ spec }) => spec.template.spec), ...overrides.map(({ value }) => value)].flatMap(
    ({ imageLookup }) => imageLookup ?? [],
  );
}

/** Versions of Machines by what creates them: a MachineDeployment, a K0sControlPlane, and topologies of both modes. */
const machineVersions = (kubernetes: string) =>
  ["", "+k0s.0", "+k0s.1", "-k0s.0"].map((suffix) => `v${kubernetes}${suffix}`);

describe("imageLookup of the cluster charts", function () {
  this.timeout(60_000);
  before(needsHelm);

  const rendered = (mode: (typeof MODES)[number], values: object) =>
    render(`nutanix-k0s-${mode}`, { files: valueFiles(mode).get("image-lookup") ?? [], values });

  it("is one for control planes and workers, in plain and ClusterClass form, and does not change with the version", async () => {
    const formats = new Set<string>();
    for (const mode of MODES) {
      for (const kcmLine of LINES) {
        for (const clusterClass of [false, true]) {
          for (const version of ["v1.31.13+k0s.0", "v1.32.6+k0s.0"]) {
            const lookups = lookupsOf(await rendered(mode, { kcmLine, clusterClass, k0s: { version } }));
            assert.equal(lookups.length, (mode === "hcp" ? 1 : 2) + (clusterClass ? 1 : 0));
            for (const { baseOS, format } of lookups) formats.add(`${baseOS} ${format}`);
          }
        }
      }
    }
    assert.equal(formats.size, 1);
  });

  it("makes CAPX find the images of the Kubernetes version for every spelling of it, and preflight the same", async () => {
    const go = await execa("go", ["version"], { reject: false });
    if (go.exitCode !== 0) skip(this.ctx, "missing tools: go");
    const names = [
      ...["1.32.6-1", "1.32.6", "1.32.16-1", "1.32.61", "1.32.6+k0s.0", "1.32.6-k0s.0", "1x32y6-1", "11.32.6-1"].map(
        (version) => `capx-ubuntu-22.04-${version}`,
      ),
      "capx-ubuntu-24.04-1.32.6-1",
      "golden_1.32.6_ubuntu-22.04",
      "golden_1.32.16_ubuntu-22.04",
    ];
    const formats = [
      undefined,
      "capx-{{ .BaseOS }}-{{ .K8sVersion }}$",
      "golden_{{.K8sVersion}}_{{.BaseOS}}",
      "22.04-.*",
    ];
    const cases = (
      await Promise.all(
        formats.map(async (format) => {
          const values = { machineDefaults: { imageLookup: { ...(format === undefined ? {} : { format }) } } };
          const [lookup] = lookupsOf(await rendered("hcp", values));
          assert.ok(lookup);
          return ["1.32.6", "1.32.16"].flatMap((kubernetes) =>
            machineVersions(kubernetes).map((version) => ({
              sent: { Format: lookup.format, BaseOS: lookup.baseOS, Version: version, Names: names },
              pattern: imageNamePattern({ baseOS: lookup.baseOS, format }, `v${kubernetes}+k0s.0`),
            })),
          );
        }),
      )
    ).flat();
    const { stdout } = await execa("go", ["run", join(import.meta.dirname, "image-lookup/main.go")], {
      input: JSON.stringify(cases.map(({ sent }) => sent)),
      env: { GOFLAGS: "", GO111MODULE: "off" },
    });
    const found: string[][] = JSON.parse(stdout);
    cases.forEach(({ pattern, sent }, index) => {
      assert.deepEqual(
        found[index],
        names.filter((name) => pattern.test(name)),
        `${pattern.source} for ${sent.Version}`,
      );
    });
    const [first] = found;
    assert.deepEqual(
      first,
      ["1.32.6-1", "1.32.6", "1.32.6+k0s.0", "1.32.6-k0s.0"].map((version) => `capx-ubuntu-22.04-${version}`),
    );
  });
});
