/** Text for people: what a terminal or a CI runner would obey, or what hides or reorders text, becomes visible. */

/** Control characters but tab and line break, what is drawn as nothing or reorders text, what is not a character; what begins a command of a CI runner, which skips any blanks before it, or a colour of Pulumi, which panics at one that it does not know. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202f\u2800\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}|\p{Noncharacter_Code_Point}|\p{Surrogate}|^[^\S\n]*:(?=:)|#(?=#(?:\[|vso\[|teamcity\[))|<(?=\{%)/gimu;

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
  let result = "";
  for (let index = 0; index < text.length; index++) {
    const unit = text[index] ?? "";
    result += /[ \t]/.test(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  }
  return result;
}
