import { createInterface } from "node:readline/promises";
import { EXIT, Failure } from "./failure.ts";

/** @throws Failure where the user does not confirm. */
export async function confirm(isConfirmed: boolean): Promise<void> {
  if (isConfirmed) return;
  if (!process.stdin.isTTY) throw new Failure("aborted: not a terminal; pass --yes to confirm", EXIT.usage);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if (/^y(es)?$/i.test((await terminal.question("Continue? [y/N] ")).trim())) return;
  } finally {
    terminal.close();
  }
  throw new Failure("aborted", EXIT.usage);
}
