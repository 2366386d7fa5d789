import { styleText } from "node:util";

/** Prints a line on stdout. */
export function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a line on stderr: what is not part of the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A heading; bold only on a terminal. */
export function heading(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}
