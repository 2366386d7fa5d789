import { createRequire } from "node:module";
import type { ValueMap } from "./property-values.ts";

// What the SDK depends on is looked up from the SDK, so that it need not be a dependency of ours.
const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));

/** The generated messages and services of the SDK; they have no types for all of their fields. */
export const grpc = require("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
export const messages = require("@pulumi/pulumi/proto/provider_pb.js");
export const services = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
export const pluginMessages = require("@pulumi/pulumi/proto/plugin_pb.js");
export const engineMessages = require("@pulumi/pulumi/proto/engine_pb.js");
export const engineServices = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
export const statusMessages = require("@pulumi/pulumi/proto/status_pb.js");
export const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");
export const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
export const { Any } = require("google-protobuf/google/protobuf/any_pb.js");

// biome-ignore lint/suspicious/noExplicitAny: the generated messages of the SDK have no types for all of their fields
export type Message = any;

/** A message as plain JSON, and back. */
export function plain(message: Message): ValueMap {
  return message ? message.toJavaScript() : {};
}

export function struct(map: ValueMap): Message {
  return Struct.fromJavaScript(map);
}
