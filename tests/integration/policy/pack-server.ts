/** The pack as the engine starts it, without the engine: its own server, asked over gRPC. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { FROZEN_DATE } from "../../support/frozen-date.ts";
import type { PackResource } from "./pack-fixture.ts";

export const PACK = join(import.meta.dirname, "../../../policy");

const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
const grpc = require("@grpc/grpc-js");
const messages = require("@pulumi/pulumi/proto/analyzer_pb.js");
const services = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");

const LEVELS = ["advisory", "mandatory", "disabled", "remediate"];

export interface Violation {
  readonly policy: string;
  readonly level: string;
  readonly message: string;
  readonly urn?: string;
}

/** What Pulumi's own configuration of a pack says of one policy. */
export interface PolicyConfig {
  readonly enforcementLevel?: "advisory" | "mandatory" | "disabled" | "remediate";
  readonly [setting: string]: unknown;
}

export interface PackServer {
  /** What the pack says of each resource alone, before it is written. */
  analyze(resource: PackResource): Promise<Violation[]>;
  /** What it says of all of them at the end. */
  analyzeStack(resources: readonly PackResource[]): Promise<Violation[]>;
  /** Policies that say of a resource that they do not apply, each with its reason. */
  notApplicable(resource: PackResource): Promise<Record<string, string>>;
  /** What the pack makes of a resource's inputs; undefined where it leaves them. */
  remediate(resource: PackResource): Promise<Record<string, any> | undefined>;
  /** Level of each policy, as the pack tells the engine. */
  levels(): Promise<Record<string, string>>;
  /** Hands Pulumi's own configuration of the pack over. */
  configure(words: Readonly<Record<string, PolicyConfig>>): Promise<void>;
  stop(): void;
}

/** The message as the rule's why and the path: the rules' own tests assert reasons and remedies. */
export function withoutReason(violation: Violation): Violation {
  return { ...violation, message: violation.message.replace(/^([^\n]*\n.*?): .*$/s, "$1") };
}

export function urnOf({ type, name }: PackResource): string {
  return `urn:pulumi:s::other::${type}::${name}`;
}

/** Starts the pack in a folder, for a stack of that configuration. */
export async function startPack(folder = PACK, config: Record<string, string> = {}): Promise<PackServer> {
  const script = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawn(process.execPath, [script, "127.0.0.1:1", folder], {
    cwd: folder,
    env: { ...process.env, ...FROZEN_DATE, PULUMI_CONFIG: JSON.stringify(config) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const client = new services.AnalyzerClient(`127.0.0.1:${await portOf(child)}`, grpc.credentials.createInsecure());
  const call = (method: string, request: unknown) =>
    new Promise<any>((resolve, reject) => {
      client[method](request, (error: Error | null, response: any) => (error ? reject(error) : resolve(response)));
    });
  const ask = async (method: string, request: unknown): Promise<Violation[]> =>
    (await call(method, request)).getDiagnosticsList().map(violation);
  const analyzed = (resource: PackResource) => described(new messages.AnalyzeRequest(), resource);
  return {
    analyze: (resource) => ask("analyze", analyzed(resource)),
    notApplicable: async (resource) => {
      const list: any[] = (await call("analyze", analyzed(resource))).getNotApplicableList();
      return Object.fromEntries(list.map((one) => [one.getPolicyName(), one.getReason()]));
    },
    remediate: async (resource) => {
      const [made] = (await call("remediate", analyzed(resource))).getRemediationsList();
      return made?.getProperties().toJavaScript();
    },
    levels: async () => {
      const policies: any[] = (await call("getAnalyzerInfo", new Empty())).getPoliciesList();
      return Object.fromEntries(policies.map((one) => [one.getName(), LEVELS[one.getEnforcementlevel()] ?? "?"]));
    },
    configure: async (words) => {
      const request = new messages.ConfigureAnalyzerRequest();
      for (const [policy, { enforcementLevel = "mandatory", ...properties }] of Object.entries(words)) {
        const config = new messages.PolicyConfig();
        config.setEnforcementlevel(LEVELS.indexOf(enforcementLevel));
        config.setProperties(Struct.fromJavaScript(properties));
        request.getPolicyconfigMap().set(policy, config);
      }
      await call("configure", request);
    },
    analyzeStack: (resources) => {
      const request = new messages.AnalyzeStackRequest();
      request.setResourcesList(resources.map((resource) => described(new messages.AnalyzerResource(), resource)));
      return ask("analyzeStack", request);
    },
    stop: () => {
      client.close();
      child.kill();
    },
  };
}

async function portOf(child: ChildProcess): Promise<string> {
  let complaint = "";
  child.stderr?.on("data", (data) => {
    complaint += data;
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (/^\d+$/.test(line)) return line;
  }
  throw new Error(`the pack did not start: ${complaint}`);
}

function described(message: any, resource: PackResource): any {
  const options = new messages.AnalyzerResourceOptions();
  options.setCustomtimeouts(new messages.AnalyzerResourceOptions.CustomTimeouts());
  options.setProtect(resource.protect ?? true);
  message.setType(resource.type);
  message.setName(resource.name);
  message.setUrn(urnOf(resource));
  message.setProperties(Struct.fromJavaScript(resource.props));
  message.setOptions(options);
  return message;
}

function violation(diagnostic: any): Violation {
  const urn = diagnostic.getUrn();
  return {
    policy: diagnostic.getPolicyname(),
    level: LEVELS[diagnostic.getEnforcementlevel()] ?? "?",
    message: diagnostic.getMessage(),
    ...(urn === "" ? {} : { urn }),
  };
}
