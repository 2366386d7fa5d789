/** Stack files of the documentation's tests, and what the program makes of them. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { type Rendered, renderStack } from "../../../cli/stack/render-stack.ts";

export type Plain = Record<string, any>;

export const SECURE = { secure: "v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA==" };

export async function readText(file: string): Promise<string> {
  return readFile(join(PROJECT, file), "utf8");
}

/** The fenced block that follows a marker in the README. */
export function blockAfter(marker: string, text: string): string {
  const found = new RegExp(`<!-- ${marker} -->\\n\`\`\`\\w*\\n([^]*?)\`\`\``).exec(text)?.[1];
  if (found === undefined) throw new Error(`the README has no block after <!-- ${marker} -->`);
  return found;
}

/** The README's smallest stack, with the password that its next command sets. */
export async function smallestStack(): Promise<Plain> {
  const stack = parse(blockAfter("smallest stack", await readText("README.md"))) as Plain;
  stack["config"]["k0rdent-nutanix:credentials"].global.password = SECURE;
  return stack;
}

/** What the program would write for a stack file. */
export async function render(stack: Plain): Promise<Rendered> {
  const workDir = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-docs-"));
  try {
    await writeFile(join(workDir, "Pulumi.yaml"), await readText("Pulumi.yaml"));
    await writeFile(join(workDir, "Pulumi.mine.yaml"), stringify(stack));
    return await renderStack({ stack: "mine", workDir });
  } finally {
    await rm(workDir, { recursive: true });
  }
}
