import assert from "node:assert/strict";
import { nutanixCluster } from "../../../manifests/nutanix-cluster-object.ts";
import { MODES, needsHelm, only, render, valueFiles } from "./helm-template.ts";

const CONTROL_PLANE_ENDPOINT = { host: "10.1.1.200", port: 7443 };
const OWN = { address: "pc.example.com", port: 9441, insecure: true, usePerClusterCredential: true };

describe("the NutanixCluster that a recovery writes", function () {
  this.timeout(30_000);
  before(needsHelm);

  for (const [what, prismCentral] of Object.entries({
    "global credentials": { address: "pc.example.com" },
    "credentials of its own": { ...OWN, credentialSecretName: "edge-login" },
    "a trust bundle": { ...OWN, credentialSecretName: "edge-login", additionalTrustBundleConfigMapName: "edge-ca" },
    "names that read as numbers": { ...OWN, credentialSecretName: "123", additionalTrustBundleConfigMapName: "1e3" },
  })) {
    it(`is the chart's, with ${what}`, async () => {
      const values = { nutanix: { prismCentral, controlPlaneEndpoint: CONTROL_PLANE_ENDPOINT } };
      for (const mode of MODES) {
        const files = valueFiles(mode).get("base") ?? [];
        const { apiVersion, kind, spec } = nutanixCluster({ cluster: "edge", name: "edge" }, values);
        const rendered = only(await render(`nutanix-k0s-${mode}`, { files, values }), kind);
        assert.deepEqual([spec, apiVersion, rendered.metadata.name], [rendered.spec, rendered.apiVersion, "edge"]);
      }
    });
  }
});
