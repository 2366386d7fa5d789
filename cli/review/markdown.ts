/** Small pieces of Markdown out of text that somebody else wrote: nothing in it becomes a heading, a link or a mention. */
import { withoutCredentials } from "../../policy/rules/violation.ts";

const LONGEST = 80;

/** Text in a code span, also inside a table. */
export function code(text: string): string {
  const flat = text.replace(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "\\|");
  return flat === "" ? "` `" : `\`${flat}\``;
}

/** A sentence with its punctuation made harmless; a word with an @ would call people, an address would become a link. */
export function prose(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .split(" ")
    .map((word) => (/@|:\/\//.test(word) ? code(word) : word.replaceAll("`", "'").replace(/[\\*_[\]<>|#~]/g, "\\$&")))
    .join(" ");
}

/** A value in a code span: short; of longer texts their size and enough to tell two apart is said. */
export function value(value: unknown): string {
  if (value === undefined) return "–";
  if (typeof value === "string" && value.includes("\n")) return `text of ${value.trimEnd().split("\n").length} lines`;
  const text = typeof value === "string" && value !== "" ? withoutCredentials(value) : JSON.stringify(value);
  return code(text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** `1 machine`, `2 machines`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
