/** `--stack`: the name of a stack, or `org/project/stack` or `org/stack` as Pulumi takes it. */
import { formatValue } from "../../policy/rules/violation.ts";
import { EXIT, Failure } from "../output/failure.ts";

interface StackReference {
  /** As it was given. */
  readonly text: string;
  readonly project: string | undefined;
}

/** References that were given on the command line, by the name of their stack. */
const given = new Map<string, StackReference>();

/** The name of the stack; its organization is kept for the engine. */
export function parseStack(text: string): string {
  const parts = text.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.length > 3 || parts.includes(""))
    throw new Failure(`--stack: ${formatValue(text)} is not a stack; write stack, or org/project/stack`, EXIT.usage);
  given.set(name, { text, project: parts.length === 3 ? parts[1] : undefined });
  return name;
}

/** The reference for Pulumi's CLI. */
export function referenceOf(stack: string): string {
  return given.get(stack)?.text ?? stack;
}

/** @throws Failure where the stack was given with another project. */
export function assertProject(stack: string, project: string): void {
  const named = given.get(stack)?.project;
  if (named === undefined || named === project) return;
  throw new Failure(
    `--stack: ${formatValue(referenceOf(stack))} is a stack of the project ${named}, and Pulumi.yaml is of ${project}; name a stack of ${project}`,
    EXIT.usage,
  );
}
