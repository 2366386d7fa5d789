/** Text for people: what a terminal or a CI runner would obey, or what hides or reorders text, becomes visible. */

/** Control characters but tab and line break, marks that hide or reorder text, and tags; what begins a command of a CI runner. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]|^[ \t]*:(?=:)|#(?=#(?:\[|vso\[|teamcity\[))/gm;

/** Text whose line breaks count. Escapes are those of JSON, so that JSON stays the same value. */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNPRINTABLE, escaped);
}

/** Text as one line. */
export function printableLine(text: string): string {
  const lines = text.split(/[\r\n]+/);
  return printable(
    lines.length === 1
      ? text
      : lines
          .map((line) => line.trim())
          .filter(Boolean)
          .join(" "),
  );
}

/** Whether a text is one line that needs no escape. */
export function isPrintableLine(text: string): boolean {
  return printableLine(text) === text;
}

function escaped(text: string): string {
  return [...Array(text.length).keys()]
    .map((index) => text[index] ?? "")
    .map((unit) => (/[ \t]/.test(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`))
    .join("");
}
