import assert from "node:assert/strict";
import { addonLogins } from "../../../manifests/cluster-config.ts";
import { type AddonLogins, csiText, resourceTemplate } from "../../../manifests/credential.ts";
import { caCertificatesOf, stackTargets } from "../../../manifests/stack-manifests.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack } from "../../../schema/stack.ts";
import { pem, type StackFile, validInput } from "../../support/stack-fixture.ts";

const BUNDLES = { prismCentral: pem("authority"), edge: pem("second-authority") };

function read(addons: StackFile): Stack {
  const input = validInput() as StackFile;
  for (const name of ["demo", "edge"]) input["clusters"][name].addons = addons;
  const { value, violations } = parse(stack, input, { at: "" });
  assert.deepEqual(violations, []);
  return value as Stack;
}

function addonsOf(file: Stack, name: string): StackFile {
  const found = stackTargets(file, BUNDLES).find(({ at }) => at === `clusters.${name}`);
  assert.ok(found?.object.spec);
  return (found.object.spec["config"] as StackFile)["addons"];
}

describe("the addons of a cluster", () => {
  it("check Prism Central with the bundle of the login that they use", () => {
    const file = read({ ccm: { enabled: true } });
    assert.equal(addonsOf(file, "demo")["ccm"].trustBundle, BUNDLES.prismCentral);
    assert.equal(addonsOf(file, "edge")["ccm"].trustBundle, BUNDLES.edge);
    assert.equal(caCertificatesOf("nobody", file, BUNDLES), undefined);
  });

  it("carry no bundle where they are off", () => {
    assert.equal("trustBundle" in addonsOf(read({ ccm: { enabled: false } }), "demo")["ccm"], false);
  });

  it("log in to the cluster's Prism Central, and to none where there is no CSI driver", () => {
    const file = read({ csi: { enabled: true, storageContainer: "volumes" } });
    const { demo, edge } = file.clusters;
    assert.ok(demo && edge);
    assert.deepEqual(addonLogins(edge, file.prismCentral), {
      ccm: false,
      csi: { address: "pc-edge.example.com", port: 9441, storageContainer: "volumes" },
    });
    assert.equal(addonLogins(demo, file.prismCentral).csi?.address, file.prismCentral.address);
    const off = read({ csi: { enabled: false } });
    assert.equal(off.clusters["demo"] && addonLogins(off.clusters["demo"], off.prismCentral).csi, undefined);
    assert.equal(csiText({ username: "u", password: "p" }, { address: "pc", port: 9440 }), "pc:9440:u:p");
  });

  it("leave the storage class to what is written beside the login, and the chart without it", () => {
    const file = read({ csi: { enabled: true, storageContainer: "volumes" } });
    assert.deepEqual(addonsOf(file, "demo")["csi"], {
      enabled: true,
      via: "k0s",
      version: "3.7.1",
      repository: "https://nutanix.github.io/helm-releases/",
    });
    const keys = (addons: AddonLogins) => Object.keys(resourceTemplate("demo", addons)?.data ?? {});
    const csi = { address: "pc", port: 9440 };
    assert.deepEqual(keys({ ccm: true }), ["configmap.yaml"]);
    assert.deepEqual(keys({ ccm: true, csi }), ["configmap.yaml", "csi.yaml"]);
    assert.deepEqual(keys({ ccm: false, csi }), ["csi.yaml"]);
    assert.equal(resourceTemplate("demo", { ccm: false }), undefined);
  });
});
