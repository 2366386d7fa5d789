/** Markdown of text from stack files and engine: nothing in it becomes a heading, a link or a mention. */
import { printableLine } from "../../policy/rules/printable.ts";
import { withoutCredentials } from "../../policy/rules/violation.ts";

const LONGEST = 80;

/** A code span. */
export function code(text: string): string {
  return `\`${printableLine(text).replace(/\s+/g, " ").replaceAll("`", "'") || " "}\``;
}

/** What GitHub and GitLab link or mention: addresses, names, numbers of issues. */
const LINKED = /@|:\/\/|^\W*www\.|#\d|^\W*GH-\d/i;
/** What makes a line a list, a rule or a command. */
const MARK = /^(?:[-+=/].*|\d+[.)])$/;

/** Escaped also within an entity, which would become what its character is. */
function plain(word: string): string {
  return word.replaceAll("`", "'").replace(/[\\*_[\]<>|#~&$]/g, "\\$&");
}

/** A sentence with its punctuation escaped, and mentions and addresses as code. */
export function prose(text: string): string {
  return printableLine(text)
    .replace(/\s+/g, " ")
    .split(" ")
    .map((word, index) => (LINKED.test(word) || (index === 0 && MARK.test(word)) ? code(word) : plain(word)))
    .join(" ");
}

export function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/** A value as a code span, cut to 80 characters. */
export function value(value: unknown): string {
  if (value === undefined) return "–";
  if (typeof value === "string" && value.includes("\n")) return `text of ${value.trimEnd().split("\n").length} lines`;
  const text = typeof value === "string" && value !== "" ? withoutCredentials(value) : JSON.stringify(value);
  return code(text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`);
}

/** `1 machine`, `2 machines`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
