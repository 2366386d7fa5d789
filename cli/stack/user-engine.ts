/** The Pulumi CLI with the user's own backend and key, or with the project's for a stack on a sandbox. */
import { execa } from "execa";
import { redactor } from "../../kubernetes/redact.ts";
import { printableLine } from "../../policy/rules/printable.ts";
import { findTools } from "../../sandbox/ensure-tools.ts";
import { engineEnvironment } from "../engine/engine.ts";
import { PROJECT } from "./paths.ts";
import { usesSandbox } from "./stack-file.ts";
import { referenceOf } from "./stack-reference.ts";

/** The output of a command that only reads, or why there is none. */
export type EngineAnswer = { readonly output: string } | { readonly output?: never; readonly reason: string };

/** Runs a command about a stack, in the folder of its files. */
export async function runPulumi(stack: string, words: readonly string[], folder = PROJECT): Promise<EngineAnswer> {
  const { paths } = await findTools(["pulumi"]);
  if (paths.pulumi === undefined) return { reason: "the Pulumi CLI is not on PATH" };
  const args = [...words, "--stack", referenceOf(stack), "--non-interactive"];
  const env = usesSandbox(stack, folder) ? engineEnvironment() : {};
  const { stdout, stderr, failed } = await execa(paths.pulumi, args, { cwd: folder, env, reject: false });
  return failed ? { reason: `Pulumi failed: ${firstError(stderr)}` } : { output: stdout };
}

/** The first line of Pulumi's error, without secrets. */
function firstError(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^error: /, "").trim());
  return redactor([])(printableLine(lines.find((line) => line !== "") ?? "nothing"));
}
