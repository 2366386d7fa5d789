import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import program from "../../../index.ts";
import { PASSWORDS, projectFolder, type StackFile, validStack } from "../../support/stack-fixture.ts";
import { PROJECT } from "../config/read-stack.ts";
import { listOf, type Recorded, record, SEED } from "./recorder.ts";

/** Runs the whole program on a stack file, in a folder of its own. */
async function run(file: StackFile): Promise<Recorded[]> {
  const folder = projectFolder();
  const before = process.cwd();
  process.chdir(folder.path);
  try {
    const { resources, error } = await record(() => {
      const config = Object.entries(file).map(([key, value]) => [
        `${PROJECT}:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]);
      pulumi.runtime.setAllConfig(Object.fromEntries(config), [`${PROJECT}:credentials`]);
      return program();
    });
    assert.equal(error, undefined);
    return resources;
  } finally {
    process.chdir(before);
    folder.remove();
  }
}

/** The dev stack, each encrypted password replaced by a canary. */
function devStack(): StackFile {
  const text = readFileSync(join(import.meta.dirname, "../../../Pulumi.dev.yaml"), "utf8");
  const entries = Object.entries(parse(text).config).map(([key, value]) => [key.slice(PROJECT.length + 1), value]);
  const file = Object.fromEntries(entries);
  for (const [name, password] of Object.entries(PASSWORDS)) file.credentials[name].password = password;
  return file;
}

const K0RDENT = "kubernetes:k0rdent.mirantis.com/v1beta1";
const TEMPLATES = [
  `${K0RDENT}:ClusterTemplatePatch platform-management-hcp-template`,
  `${K0RDENT}:ClusterTemplatePatch platform-management-standalone-template`,
];

describe("the program", () => {
  it("makes a password that is to be made, and writes it into Secrets only, as a secret", async () => {
    const file = devStack();
    file["credentials"].edge = { username: "svc-edge", generate: { revision: 1 } };
    const resources = await run(file);
    assert.deepEqual(
      resources.filter(({ name }) => name.startsWith("edge-password")).map(({ name }) => name),
      ["edge-password", "edge-password-1", "edge-password-2"],
    );
    const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(`${SEED}-aA1`));
    assert.deepEqual(
      holders.map(({ name, secrets }) => [name, secrets.length > 0]),
      [
        ["edge-credential-capx-secret", true],
        ["edge-credential-identity", true],
      ],
    );
  });

  it("makes of the dev stack just these resources", async () => {
    assert.deepEqual(
      listOf(await run(devStack())),
      [
        "k0rdent-nutanix:index:NutanixK0sCluster demo",
        `${K0RDENT}:ClusterDeployment demo`,
        `${K0RDENT}:Credential demo-credential`,
        "kubernetes:core/v1:Secret demo-credential-identity",
        "kubernetes:core/v1:Secret demo-encryption-at-rest",
        "random:index/randomPassword:RandomPassword demo-encryption-seed",
        "k0rdent-nutanix:index:NutanixK0sCluster edge",
        `${K0RDENT}:ClusterDeployment edge`,
        `${K0RDENT}:Credential edge-credential`,
        "kubernetes:core/v1:Secret edge-credential-capx-secret",
        "kubernetes:core/v1:Secret edge-credential-identity",
        "kubernetes:core/v1:Secret edge-encryption-at-rest",
        "random:index/randomPassword:RandomPassword edge-encryption-seed",
        "pulumi:providers:kubernetes management-cluster",
        "k0rdent-nutanix:index:NutanixPlatform platform",
        "k0rdent-nutanix:index:Capx platform-capx",
        "kubernetes:helm.sh/v3:Release platform-capx",
        "kubernetes:core/v1:ConfigMap platform-capx-charts",
        "kubernetes:core/v1:Secret platform-capx-variables",
        "k0rdent-nutanix:index:Kcm platform-kcm",
        "kubernetes:helm.sh/v3:Release platform-kcm",
        "kubernetes:core/v1:Namespace platform-kcm-namespace",
        `${K0RDENT}:ReleasePatch platform-kcm-release`,
        "k0rdent-nutanix:index:Management platform-management",
        `${K0RDENT}:Management platform-management`,
        "pulumi:index:Stash platform-management-cluster-uid",
        ...TEMPLATES,
      ].sort(byName),
    );
  });

  it("registers six resources for a cluster with global credentials, seven for one with its own, and one more with an addon", async () => {
    const input = devStack();
    const { demo, edge } = input["clusters"];
    const withAddons = { ...edge, addons: { ccm: { enabled: true } } };
    const count = async (clusters: object) => {
      input["clusters"] = clusters;
      return (await run(input)).length;
    };
    const none = await count({});
    assert.deepEqual(
      [(await count({ demo })) - none, (await count({ edge })) - none, (await count({ edge: withAddons })) - none],
      [6, 7, 8],
    );
  });

  it("sends passwords and kubeconfigs as secrets only", async () => {
    let found = 0;
    for (const { name, inputs, secrets } of await run(devStack())) {
      const visit = (value: unknown, path: string): void => {
        if (typeof value === "object" && value !== null) {
          for (const [key, below] of Object.entries(value)) visit(below, path === "" ? key : `${path}.${key}`);
        } else if (typeof value === "string" && (value.includes("canary") || path === "kubeconfig")) {
          found += 1;
          assert.ok(
            secrets.some((secret) => path === secret || path.startsWith(`${secret}.`)),
            `${name}: ${path}`,
          );
        }
      };
      visit(inputs, "");
    }
    assert.ok(found >= 6, String(found));
  });

  it("makes every resource of Kubernetes on the provider of the management cluster", async () => {
    for (const { type, name, provider } of await run(devStack())) {
      if (type.startsWith("kubernetes:")) assert.match(provider, /::management-cluster::/, name);
    }
  });

  it("fixes the provider's cluster identity, and raises its call rates", async () => {
    const provider = (await run(devStack())).find(({ name }) => name === "management-cluster");
    assert.equal(provider?.inputs["clusterIdentifier"], "k0rdent-nutanix.dev");
    assert.deepEqual(JSON.parse(provider?.inputs["kubeClientSettings"]), { qps: 200, burst: 400 });
  });

  const entries = async (change: (file: StackFile) => void) => {
    const file = validStack();
    change(file);
    return listOf(await run(file)).filter((entry) => !/demo|edge/.test(entry));
  };
  const COMMON = [
    "pulumi:providers:kubernetes management-cluster",
    "k0rdent-nutanix:index:NutanixPlatform platform",
    "pulumi:index:Stash platform-management-cluster-uid",
  ];

  it("installs no kcm where one is adopted, and adds its entry to that one's Management", async () => {
    assert.deepEqual(
      await entries((file) => {
        file["management"].adopt = true;
      }),
      [
        "k0rdent-nutanix:index:Management platform-management",
        ...COMMON,
        `${K0RDENT}:ProviderTemplatePatch platform-management-entry`,
        ...TEMPLATES,
        "k0rdent-nutanix:index:Capx platform-capx",
        "kubernetes:helm.sh/v3:Release platform-capx",
        "kubernetes:core/v1:Secret platform-capx-variables",
      ].sort(byName),
    );
  });

  it("brings clusters alone where another stack brought CAPX", async () => {
    const both = (file: StackFile) => {
      file["management"].adopt = true;
      file["capx"].managedExternally = true;
    };
    assert.deepEqual(
      await entries(both),
      ["k0rdent-nutanix:index:Management platform-management", ...COMMON, ...TEMPLATES].sort(byName),
    );
  });

  it("registers nothing for an invalid stack", async () => {
    const file = validStack();
    file["clusters"].edge.controlPlaneNumber = 2;
    await assert.rejects(run(file), /control-plane-count-is-odd/);
  });
});

function byName(one: string, other: string): number {
  const [a = "", b = ""] = [one.split(" ")[1], other.split(" ")[1]];
  return a < b ? -1 : a > b ? 1 : 0;
}
