import assert from "node:assert/strict";
import fc from "fast-check";
import { stackSubjects } from "../../../manifests/stack.ts";
import { trustBundle } from "../../../manifests/trust-bundle.ts";
import { formatFault } from "../../../policy/rules/fault.ts";
import { judge, RULES } from "../../../policy/rules/index.ts";
import type { Settings, Subject } from "../../../policy/rules/rule.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack } from "../../../schema/stack.ts";
import { goodInput, pem } from "../../stack-fixture.ts";

const PRODUCTION: Settings = { environment: "production" };

function goodSubjects(): Subject[] {
  const { value } = parse(stack, goodInput(), { at: "" });
  const bundles = { prismCentral: pem("authority"), edge: pem("second-authority") };
  return structuredClone(stackSubjects(value as Stack, bundles));
}

type Plain = Record<string, any>;

/** The config of a cluster among subjects. */
function configOf(subjects: readonly Subject[], name: string): Plain {
  const found = subjects.find(({ at }) => at === `clusters.${name}`);
  assert.ok(found?.object.spec);
  return found.object.spec["config"] as Plain;
}

function releaseOf(subjects: readonly Subject[], name: string): Plain {
  return subjects.find(({ object }) => object.kind === "Release" && object.metadata.name === name)?.object
    .spec as Plain;
}

interface Failure {
  readonly change: (subjects: Subject[]) => void;
  readonly says: string;
}

const REACHABLE = "use a free IPv4 address of the nodes' network, outside every DHCP and IPAM range";

/** For each rule one changed field, and what it says of it. */
const FAILURES: Readonly<Record<string, Failure>> = {
  "prism-central-is-verified": {
    change: (all) => {
      configOf(all, "edge")["nutanix"].prismCentral.insecure = true;
    },
    says: "clusters.edge.nutanix.prismCentral.insecure: true switches the check of Prism Central's certificate off; set it to false, and give its CA certificates in prismCentral.trustBundle",
  },
  "prism-central-address-is-a-bare-host": {
    change: (all) => {
      configOf(all, "edge")["nutanix"].prismCentral.address = "https://admin:canary@pc:9440/x";
    },
    says: 'clusters.edge.nutanix.prismCentral.address: is not a bare host: CAPX adds scheme and port by itself; write "pc" alone, and the port under port',
  },
  "trust-bundle-is-sound": {
    change: (all) => {
      all.push({ at: "trustBundle", object: trustBundle("x", pem("expired")) });
    },
    says: 'trustBundle[0]: "O=Example, CN=Expired CA" expired on 2021-01-01; give the certificate that replaced it',
  },
  "endpoint-is-reachable": {
    change: (all) => {
      configOf(all, "demo")["nutanix"].controlPlaneEndpoint.host = "127.0.0.1";
    },
    says: `clusters.demo.nutanix.controlPlaneEndpoint.host: "127.0.0.1" is a loopback address, which machines cannot reach; ${REACHABLE}`,
  },
  "endpoint-is-not-prism-central": {
    change: (all) => {
      configOf(all, "demo")["nutanix"].controlPlaneEndpoint.host = "pc.example.com";
    },
    says: 'clusters.demo.nutanix.controlPlaneEndpoint.host: "pc.example.com" is the address of Prism Central; reserve an address of the cluster\'s own',
  },
  "endpoint-is-outside-cluster-networks": {
    change: (all) => {
      configOf(all, "demo")["nutanix"].controlPlaneEndpoint.host = "10.95.0.9";
    },
    says: 'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.95.0.9" is inside 10.95.0.0/16, the cluster\'s services network; move the endpoint, or clusterNetwork.services.cidrBlocks',
  },
  "endpoint-is-an-address-where-it-is-held": {
    change: (all) => {
      configOf(all, "edge")["nutanix"].controlPlaneEndpoint.host = "api.example.com";
    },
    says: 'clusters.edge.nutanix.controlPlaneEndpoint.host: "api.example.com" is not an IPv4 address, and cplb puts the endpoint on a machine; write the address, or bring a balancer of your own and set loadBalancing.type: external',
  },
  "endpoints-are-unique": {
    change: (all) => {
      configOf(all, "edge")["nutanix"].controlPlaneEndpoint.host = "10.1.1.200";
    },
    says: 'clusters.edge.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of clusters.demo too; reserve an address for each cluster',
  },
  "router-ids-are-unique": {
    change: (all) => {
      const edge = configOf(all, "edge");
      Object.assign(configOf(all, "demo"), {
        loadBalancing: edge["loadBalancing"],
        machineDefaults: edge["machineDefaults"],
      });
    },
    says: "clusters.edge.loadBalancing.virtualRouterID: 7 is the one of clusters.demo too, on the same subnet; set loadBalancing.virtualRouterID to a number from 1 to 255 that no balancer of that subnet has",
  },
  "control-plane-count-is-odd": {
    change: (all) => {
      configOf(all, "edge")["controlPlaneNumber"] = 4;
    },
    says: "clusters.edge.controlPlaneNumber: 4 is an even number of etcd members; write 3 or 5",
  },
  "production-control-plane-is-redundant": {
    change: (all) => {
      configOf(all, "edge")["controlPlaneNumber"] = 1;
    },
    says: "clusters.edge.controlPlaneNumber: 1 is fewer control plane machines than survive the loss of one; write 3 or 5",
  },
  "machines-meet-minima": {
    change: (all) => {
      configOf(all, "edge")["controlPlane"].memorySize = "1Gi";
    },
    says: 'clusters.edge.controlPlane.memorySize: "1Gi" is less than the 2Gi that CAPX asks for; write 2Gi or more',
  },
  "networks-are-apart": {
    change: (all) => {
      configOf(all, "demo")["clusterNetwork"].services.cidrBlocks = ["10.0.0.0/8"];
    },
    says: 'clusters.demo.clusterNetwork.services.cidrBlocks.0: "10.0.0.0/8" overlaps 10.243.0.0/16 of clusterNetwork.pods; choose ranges that share no address',
  },
  "k0s-version-is-usable": {
    change: (all) => {
      configOf(all, "demo")["k0s"].version = "v1.31.1+k0s.1";
    },
    says: 'clusters.demo.k0s.version: "v1.31.1+k0s.1" is refused by k0smotron\'s webhook: it carries a known bug; take a later patch release',
  },
  "capx-objects-are-not-shared": {
    change: (all) => {
      configOf(all, "demo")["nutanix"].prismCentral.credentialSecretName = "edge-login";
    },
    says: 'clusters.edge.nutanix.prismCentral.credentialSecretName: "edge-login" is named by clusters.demo too, and CAPX would delete it with the first of them; leave it out, so that each cluster has its own',
  },
  "versions-go-together": {
    change: (all) => {
      releaseOf(all, "nutanix-capx")["values"].capx.version = "v1.10.3";
    },
    says: 'capx.version: "v1.10.3" does not go with kcm 1.2.0; take CAPX 1.7 or 1.8',
  },
  "kcm-line-is-tested": {
    change: (all) => {
      releaseOf(all, "kcm")["version"] = "1.4.0";
    },
    says: 'management.kcm.version: "1.4.0" is in the matrix by reading alone: its CRDs were not tested; try it on a staging stack first',
  },
  "charts-come-safely": {
    change: (all) => {
      releaseOf(all, "kcm")["chart"] = "http://charts.example.com/kcm";
    },
    says: 'management.kcm.chart: "http://charts.example.com/kcm" is fetched without TLS; use oci:// or https://',
  },
  "provider-chart-is-this-projects": {
    change: (all) => {
      releaseOf(all, "nutanix-capx")["chart"] = "oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx";
    },
    says: "capx.chart: \"oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx\" is not this project's chart: it is given no values, and must itself bring the ClusterTemplates nutanix-k0s-hcp and nutanix-k0s-standalone, CAPX with the Secret nutanix-creds, and kcm's rights to delete Nutanix clusters; nothing of it was tested, and its templates may refuse this project's values; leave it out to take this project's",
  },
};

describe("the rules", () => {
  it("are each tried here, and named once", () => {
    assert.deepEqual(Object.keys(FAILURES).sort(), RULES.map(({ name }) => name).sort());
  });

  it("take the good stack", () => {
    assert.deepEqual(judge(goodSubjects(), PRODUCTION), { refused: [], warned: [] });
  });

  for (const rule of RULES) {
    it(`take the good stack and refuse one changed field: ${rule.name}`, () => {
      assert.deepEqual(rule.check(goodSubjects()), []);
      const { change, says } = FAILURES[rule.name] as Failure;
      const changed = goodSubjects();
      change(changed);
      const before = structuredClone(changed);
      assert.deepEqual(rule.check(changed).map(formatFault), [says]);
      assert.deepEqual(changed, before, "it changed what it read");
    });

    it(`say why they ask: ${rule.name}`, () => {
      assert.match(rule.why, /^[a-zA-Z].{20,}[^.]$/);
      assert.match(rule.name, /^[a-z0-9]+(-[a-z0-9]+)+$/);
    });
  }

  it("warn of less in dev, and of less still in staging than in production", () => {
    const mandatory = (environment: Settings["environment"]) =>
      RULES.filter((rule) => rule.level({ environment }) === "mandatory").length;
    assert.deepEqual([mandatory("dev"), mandatory("staging"), mandatory("production")], [15, 16, 17]);
  });

  it("throw on no subject whatever", () => {
    const word = fc.constantFrom(
      "ClusterDeployment",
      "ConfigMap",
      "Release",
      "nutanix-k0s-standalone-1",
      "k0rdent.mirantis.com/v1",
      "kcm",
      "nutanix-capx",
    );
    const any = fc.oneof(fc.jsonValue(), word);
    const object = fc.oneof(
      any,
      fc.record(
        {
          apiVersion: any,
          kind: any,
          metadata: fc.oneof(any, fc.record({ name: any, namespace: any, labels: any })),
          spec: fc.oneof(any, fc.record({ template: any, config: any, version: any, chart: any, values: any })),
          data: any,
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(object, { maxLength: 4 }), (objects) => {
        const subjects = objects.map((object, index) => ({ at: `objects.${index}`, object })) as unknown as Subject[];
        judge(subjects, PRODUCTION);
      }),
      { numRuns: 3000 },
    );
  });

  it("throw on no damage to a good cluster", () => {
    const damaged = (good: unknown): fc.Arbitrary<unknown> => {
      const kept = Array.isArray(good)
        ? fc.tuple(...good.map(damaged))
        : typeof good === "object" && good !== null
          ? fc.record(Object.fromEntries(Object.entries(good).map(([key, value]) => [key, damaged(value)])), {
              requiredKeys: [],
            })
          : fc.constant(good);
      return fc.oneof({ weight: 20, arbitrary: kept }, { weight: 1, arbitrary: fc.jsonValue() });
    };
    fc.assert(
      fc.property(damaged(goodSubjects().map(({ object }) => object)), (objects) => {
        if (!Array.isArray(objects)) return;
        judge(objects.map((object, index) => ({ at: `objects.${index}`, object })) as Subject[], PRODUCTION);
      }),
      { numRuns: 2000 },
    );
  });

  it("judge a thousand clusters in less than a second of computing", () => {
    const template = goodSubjects().find(({ at }) => at === "clusters.edge") as Subject;
    const subjects = Array.from({ length: 1000 }, (_, index) => {
      const subject = structuredClone(template);
      const host = `10.${index >> 8}.${index & 255}.7`;
      const { nutanix, machineDefaults } = configOf([subject], "edge");
      nutanix.controlPlaneEndpoint.host = host;
      nutanix.prismCentral.credentialSecretName = `login-${index}`;
      nutanix.prismCentral.additionalTrustBundleConfigMapName = `ca-${index}`;
      machineDefaults.subnets = [{ type: "name", name: `net-${index}` }];
      return {
        at: `clusters.c${index}`,
        object: { ...subject.object, metadata: { name: `c${index}`, namespace: "kcm-system" } },
      };
    });
    const start = process.cpuUsage();
    assert.deepEqual(judge(subjects, PRODUCTION), { refused: [], warned: [] });
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms`);
  });
});
