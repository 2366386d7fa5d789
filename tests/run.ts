import { globSync } from "node:fs";

/** Folders whose tests start servers: first, so that short files fill up the end. */
const HEAVY = ["engine", "plugins", "charts", "sandbox"];

// `npm test -- PATTERN --grep …` is `mocha --spec FILE … --grep …` with the files whose path contains PATTERN.
const [first = "", ...rest] = process.argv.slice(2);
const pattern = first.startsWith("-") ? "" : first;
const flags = first === pattern ? rest : [first, ...rest];
const rank = (file: string) => (HEAVY.indexOf(file.split("/")[1] ?? "") + HEAVY.length + 1) % (HEAVY.length + 1);
const files = globSync("tests/**/*.test.ts")
  .filter((file) => file.includes(pattern))
  .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));

const specs = (files.length > 0 ? files : [pattern]).map((file) => `--spec=${file}`);
process.argv.splice(2, Infinity, ...specs, ...flags);
await import("mocha/bin/mocha.js" as string);
