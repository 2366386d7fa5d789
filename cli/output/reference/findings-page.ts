import { DIAGNOSES } from "../../../operations/diagnoses/index.ts";
import { MANAGEMENT_UNREACHABLE } from "../../../operations/diagnoses/unreachable.ts";

const SIGNS = { error: "an error", warning: "a warning", info: "good to know" } as const;

const HEAD = `# Troubleshooting

\`npm run doctor\` looks at the management cluster and says what is wrong, the most likely cause first. Each finding ends with its name in brackets; here is what each means and what to do. They stand in the order in which one leads to the next: what stands first is looked for first, and what a finding explains is not told again.

The doctor only reads. \`npm run doctor -- --bundle doctor.tar.gz\` writes what it saw into an archive for a ticket: the values of Secrets are left out, and blotted out wherever else they turn up; look through it all the same. \`npm run sandbox -- inject NAME\` plays many of these failures on a sandbox.

Exit codes: 0 nothing is wrong, 1 the doctor could not look, 2 wrong use, 3 something is wrong, 4 warnings only.

<!-- Made by npm run generate out of operations/diagnoses. -->
`;

/** docs/troubleshooting.md: every finding, what it means and what to do. */
export function troubleshootingText(): string {
  const sections = [MANAGEMENT_UNREACHABLE, ...DIAGNOSES].map(
    ({ id, severity, means, remedy }) =>
      `## ${id}\n\n${means} This is ${SIGNS[severity]}.\n\n**What to do:** ${remedy}.\n`,
  );
  return `${HEAD}\n${sections.join("\n")}`;
}
