import assert from "node:assert/strict";
import { parse } from "yaml";
import * as z from "zod";
import { createProgram } from "../../../cli/commands/index.ts";
import { configurationPage } from "../../../cli/output/reference/configuration-page.ts";
import { generatedFiles } from "../../../cli/output/reference/generated-files.ts";
import { clusterFileSchema, type JsonSchema, stackFileSchema } from "../../../schema/json-schema.ts";
import { type Plain, readText, SECURE, smallestStack } from "./stacks.ts";

/** zod reads JSON Schemas too: what an editor would say, without one. */
const validator = (schema: JsonSchema) => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
const stackFile = validator(stackFileSchema());
const clusterFile = validator(clusterFileSchema());
const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

const ours = (key: string) => `k0rdent-nutanix:${key}`;

describe("the JSON Schemas for editors", () => {
  it("are up to date, as are the reference pages", async () => {
    for (const [file, text] of Object.entries(generatedFiles(await createProgram()))) {
      assert.equal(await readText(file), text, `${file} is out of date; run npm run generate`);
    }
  });

  it("have a description of every key", () => {
    const rows = configurationPage()
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    assert.ok(rows.length > 50);
    for (const row of rows) assert.match(row, /^\| `[^`]+` \| \S.* \| \S.* \| \S.* \|$|^\| \S+( – \S+)? \|/);
  });

  it("accept the dev stack and the README's smallest", async () => {
    assert.ok(accepts(stackFile, parse(await readText("Pulumi.dev.yaml"))));
    assert.ok(accepts(stackFile, await smallestStack()));
  });

  it("are named by the first line of both", async () => {
    const line = "# yaml-language-server: $schema=schema/stack.schema.json\n";
    assert.ok((await readText("Pulumi.dev.yaml")).startsWith(line));
    assert.ok((await readText("README.md")).includes(`\`\`\`yaml\n${line}`));
  });

  it("accept each cluster of the dev stack as a file of its own", async () => {
    const { config } = parse(await readText("Pulumi.dev.yaml")) as Plain;
    for (const cluster of Object.values(config[ours("clusters")])) assert.ok(accepts(clusterFile, cluster));
  });

  const accepted: [what: string, change: (stack: Plain) => void][] = [
    ["Pulumi's own keys", (stack) => Object.assign(stack, { secretsprovider: "passphrase", environment: ["base"] })],
    [
      "settings of providers and of Pulumi",
      ({ config }) => Object.assign(config, { "kubernetes:context": "x", "pulumi:tags": {} }),
    ],
    ["a user name as a secret", ({ config }) => (config[ours("credentials")].global.username = SECURE)],
    ["all credentials as one secret", ({ config }) => (config[ours("credentials")] = SECURE)],
    [
      "a password that is made",
      ({ config }) => (config[ours("credentials")].global = { username: "svc", generate: { revision: 2, length: 40 } }),
    ],
    ["no clusters, which may stand in files", ({ config }) => delete config[ours("clusters")]],
    [
      "categories in both spellings",
      ({ config }) =>
        (config[ours("clusters")].demo.machineDefaults.additionalCategories = ["a:b", { key: "a", value: "b" }]),
    ],
    [
      "data of any shape for charts",
      ({ config }) => (config[ours("clusters")].demo.values = { a: [1, null, { b: true }] }),
    ],
  ];
  for (const [what, change] of accepted) {
    it(`accept ${what}`, async () => {
      const stack = await smallestStack();
      change(stack);
      assert.ok(accepts(stackFile, stack));
    });
  }

  const refused: [what: string, change: (stack: Plain) => void][] = [
    ["a misspelt key of ours", ({ config }) => (config[ours("enviroment")] = "dev")],
    ["a key without the project's name", ({ config }) => (config.environment = "dev")],
    ["a misspelt key of Pulumi's", (stack) => (stack["encryptionSalt"] = "v1:")],
    ["an environment that is none", ({ config }) => (config[ours("environment")] = "test")],
    ["a password in clear", ({ config }) => (config[ours("credentials")].global.password = "hunter2")],
    [
      "a password both given and made",
      ({ config }) => (config[ours("credentials")].global.generate = { generation: 1 }),
    ],
    ["a credential without a password", ({ config }) => delete config[ours("credentials")].global.password],
    ["a stack without Prism Central", ({ config }) => delete config[ours("prismCentral")]],
    ["a cluster without a mode", ({ config }) => delete config[ours("clusters")].demo.mode],
    [
      "control plane machines of a hosted cluster",
      ({ config }) => (config[ours("clusters")].demo.controlPlane = { vcpuSockets: 4 }),
    ],
    [
      "a cluster's name with a capital",
      ({ config }) => (config[ours("clusters")].Demo = config[ours("clusters")].demo),
    ],
    ["a port that is none", ({ config }) => (config[ours("prismCentral")].port = 94400)],
    ["an amount without a unit", ({ config }) => (config[ours("clusters")].demo.machineDefaults.memorySize = "4096")],
    [
      "a category without a value",
      ({ config }) => (config[ours("clusters")].demo.machineDefaults.additionalCategories = ["k0s"]),
    ],
    [
      "an image by name and UUID",
      ({ config }) =>
        (config[ours("clusters")].demo.machineDefaults.image.uuid = "550e8400-e29b-41d4-a716-446655440000"),
    ],
    [
      "a trust bundle of two kinds",
      ({ config }) => (config[ours("prismCentral")].trustBundle = { pem: "x", file: "y" }),
    ],
  ];
  for (const [what, change] of refused) {
    it(`reject ${what}`, async () => {
      const stack = await smallestStack();
      change(stack);
      assert.ok(!accepts(stackFile, stack));
    });
  }

  it("have patterns that every editor can run", () => {
    const text = JSON.stringify([stackFileSchema(), clusterFileSchema()], (key, value: unknown) => {
      if (key === "pattern") new RegExp(String(value), "u");
      return value;
    });
    assert.ok(text.includes('"pattern"'));
    assert.ok(!text.includes('"$ref"'), "references are followed by some editors only");
  });
});
