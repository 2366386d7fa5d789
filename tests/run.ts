import { globSync } from "node:fs";

/**
 * The levels, longest files first, so that short ones fill up the end. unit: in mocha's own process; integration: starts programs
 * (the CLI, Helm, a policy pack); e2e: runs API servers and Pulumi's engine.
 */
const LEVELS = ["e2e", "integration", "unit"];

// `npm test -- PATTERN --grep …` is `mocha --spec FILE … --grep …` with the files whose path contains PATTERN.
const [first = "", ...rest] = process.argv.slice(2);
const pattern = first.startsWith("-") ? "" : first;
const flags = first === pattern ? rest : [first, ...rest];
const rank = (file: string) => LEVELS.indexOf(file.split("/")[1] ?? "");
const files = globSync("tests/**/*.test.ts")
  .filter((file) => file.includes(pattern))
  .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));

const specs = (files.length > 0 ? files : [pattern]).map((file) => `--spec=${file}`);
process.argv.splice(2, Infinity, ...specs, ...flags);
await import("mocha/bin/mocha.js" as string);
