/** What the engine configures of each policy: the SDK passes a policy its properties, and no policy its level. */
import { createRequire } from "node:module";
import type { AnalyzerService as Service } from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type { ConfigureAnalyzerRequest } from "@pulumi/pulumi/proto/analyzer_pb.js";
import type { EnforcementLevel, RuleSettings } from "./rules/rule.ts";

/** By policy; empty before the engine has configured the pack. */
export type EngineConfig = ReadonlyMap<string, RuleSettings & { readonly enforcementLevel: EnforcementLevel }>;

/** The engine's levels, in the order of its enum. At `remediate` the SDK reports what remains as mandatory. */
const LEVELS: readonly EnforcementLevel[] = ["advisory", "mandatory", "disabled", "mandatory"];

/** Reads along what the engine sends. To be called before the pack is served. */
export function engineConfig(): EngineConfig {
  const config = new Map<string, RuleSettings & { readonly enforcementLevel: EnforcementLevel }>();
  const { configure } = analyzerService();
  const deserialize = configure.requestDeserialize;
  configure.requestDeserialize = (bytes): ConfigureAnalyzerRequest => {
    const request = deserialize(bytes);
    config.clear();
    request.getPolicyconfigMap().forEach((policy, name) => {
      const enforcementLevel = LEVELS[policy.getEnforcementlevel()] ?? "mandatory";
      config.set(name, { ...policy.getProperties()?.toJavaScript(), enforcementLevel });
    });
    return request;
  };
  return config;
}

/** The service as the SDK serves it, which may be installed with a `@pulumi/pulumi` of its own. */
function analyzerService(): typeof Service {
  const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/policy"));
  return require("@pulumi/pulumi/proto/analyzer_grpc_pb.js").AnalyzerService;
}
