import Table from "cli-table3";

/** No lines between columns: the table survives copying, searching and a narrow window. */
const NO_BORDERS = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

/** Characters of a cell: the time to wrap one grows with the square of its length. */
const LONGEST_CELL = 2_000;

/** A table for a terminal. Columns with a width wrap. */
export function textTable(head: string[], rows: readonly string[][], colWidths: (number | null)[] = []): string {
  const table = new Table({
    ...{ head, colWidths, chars: NO_BORDERS, wordWrap: true },
    style: { head: [], border: [], compact: true },
  });
  table.push(
    ...rows.map((row) => row.map((cell) => (cell.length <= LONGEST_CELL ? cell : `${cell.slice(0, LONGEST_CELL)}…`))),
  );
  return table.toString().replace(/ +$/gm, "");
}
