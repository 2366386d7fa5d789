import { styleText } from "node:util";
import { printable } from "../../policy/rules/printable.ts";

/** The colours of this program: everything else that a terminal obeys is written as visible text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes begin with one
const COLOURS = /(\u001b\[(?:[12]|22|3[0-7]|39|9[0-7])m)/;

/** A text that a terminal, or the log of a CI runner, shows and does not obey. */
export function shown(text: string): string {
  return text
    .split(COLOURS)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join("");
}

/** Prints a line on stdout. */
export function print(text = ""): void {
  write(`${text}\n`);
}

/** Writes a result on stdout. */
export function write(text: string): void {
  process.stdout.write(shown(text));
}

/** Prints a line on stderr: what is not part of the result. It has no colours: most of it are errors, with the words of others. */
export function note(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** A heading; bold only on a terminal. */
export function heading(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}
