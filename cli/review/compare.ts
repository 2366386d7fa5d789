/** Looks at a change in one of two ways, and puts together what was found. */
import { readFile } from "node:fs/promises";
import { evaluateStack, stackTargets } from "../../manifests/stack-manifests.ts";
import type { Evaluation } from "../../policy/rules/index.ts";
import type { PolicyTarget } from "../../policy/rules/rule.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { type Base, checkOutBase, headName } from "./base-checkout.ts";
import { buildReview, type Findings } from "./build-review.ts";
import { type Preview, readPreview } from "./engine-preview.ts";
import type { Review } from "./model.ts";
import { type ObjectDiff, objectDiffs, protectionOf } from "./object-diffs.ts";
import { objectsOf, type PlainObject } from "./rendered-objects.ts";
import { changedSecrets, readStackVersion, type StackVersionReading } from "./stack-version.ts";

export interface ReviewOptions {
  readonly stack: string;
  /** Folder with Pulumi.yaml and the stack's files. */
  readonly workDir: string;
  /** Reference to compare with. @default the first that there is of origin/HEAD, origin/main and main */
  readonly base?: string | undefined;
  /** File with the output of `pulumi preview --json`. @default none: both sides are rendered */
  readonly preview?: string | undefined;
}

/** @throws Failure when there is no such stack, no such commit, or no preview in the file. */
export async function compareStacks(options: ReviewOptions): Promise<Review> {
  const head = await readStackVersion(options);
  if (head === undefined) {
    throw new Failure(
      `--stack: there is no Pulumi.${options.stack}.yaml in ${options.workDir}; name a stack that has one, or the folder with --cwd`,
      EXIT.usage,
    );
  }
  const preview =
    options.preview === undefined ? undefined : readPreview(await readFileOf(options.preview), objects(head));
  // A preview that ends with an error has come to some resources only: a page of them would hide the others.
  const isTold = preview !== undefined && preview.errors.length === 0;
  const base = !isTold || options.base !== undefined ? await checkOutBase(options.workDir, options.base) : undefined;
  try {
    const former = base && (await readStackVersion({ stack: options.stack, workDir: base.folder }));
    const found = {
      stack: options.stack,
      environment: head.stack?.environment,
      compared: {
        base:
          base === undefined ? "the state" : `${base.name}${former === undefined ? ", which has no such stack" : ""}`,
        head: await headName(options.workDir),
      },
      secrets: base === undefined ? [] : changedSecrets(former?.secrets, head.secrets),
    };
    const sides = { head, former, base };
    if (preview === undefined) return buildReview({ ...found, ...rendered(sides) });
    if (isTold) return buildReview({ ...found, ...previewed(preview, sides) });
    const { errors, warnings } = newSayings(preview, head);
    const looked = rendered(sides);
    const failed =
      "what the engine would do: its preview ended with an error, and both sides were rendered in its place";
    return buildReview({ ...found, ...looked, errors, warnings, unknown: [failed, ...looked.unknown] });
  } finally {
    await base?.remove();
  }
}

async function readFileOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => {
    throw new Failure(`--preview: ${file} cannot be read; write pulumi preview --json into it`, EXIT.usage);
  });
}

/** Objects of a side; none where its stack file cannot be read. */
function objects(side: StackVersionReading | undefined): PlainObject[] {
  return side?.stack === undefined ? [] : objectsOf({ ...side, stack: side.stack, logins: side.secrets.logins });
}

interface Sides {
  readonly head: StackVersionReading;
  readonly former: StackVersionReading | undefined;
  readonly base: Base | undefined;
}

type Looked = Omit<Findings, "stack" | "environment" | "compared" | "secrets">;

/** Both stack files, as this program renders them. */
function rendered({ head, former, base }: Sides): Looked {
  const previous = former?.stack && stackTargets(former.stack, former.bundles, former.logins);
  const verdict = verdictOf(head, previous);
  return {
    source: "render",
    pairs: head.stack === undefined ? [] : objectDiffs(objects(former), objects(head), protectionOf(former?.stack)),
    others: [],
    refused: [...head.faults, ...verdict.violations],
    warned: verdict.warnings,
    errors: [],
    warnings: [],
    unknown: [
      ...(head.stack === undefined ? ["what changes: the stack file cannot be read"] : []),
      ...(former !== undefined && former.stack === undefined
        ? ["what was there before: this program cannot read the stack file of the base, and everything looks new"]
        : []),
      "what lives in the management cluster, and whether it differs from the base: no engine was asked",
      ...(base?.notes ?? []),
      ...programNote(base),
      ...keyNote(former, head),
    ],
  };
}

/** What the engine says, with the rules asked of the stack file. */
function previewed(preview: Preview, { head, former }: Sides): Looked {
  const { pairs, others, unknown } = preview;
  const verdict = verdictOf(head, livingSubjects(pairs));
  return {
    source: "preview",
    pairs,
    others,
    refused: [...head.faults, ...verdict.violations],
    warned: verdict.warnings,
    ...newSayings(preview, head),
    unknown: [...unknown, ...keyNote(former, head)],
  };
}

/** What engine and program say and the rules, asked here, do not. */
function newSayings(
  { errors, warnings }: Preview,
  { faults, verdict }: StackVersionReading,
): Pick<Preview, "errors" | "warnings"> {
  const said = [...faults, ...verdict.violations, ...verdict.warnings].map(({ reason }) => reason);
  const isNew = (line: string) => !said.some((reason) => line.includes(reason));
  return { errors: errors.filter(isNew), warnings: warnings.filter(isNew) };
}

/** What the state holds, as the rules read it. */
function livingSubjects(pairs: readonly ObjectDiff[]): PolicyTarget[] {
  return pairs.flatMap(({ before, protected: protect }) =>
    before?.kind === "ClusterDeployment"
      ? [{ at: `clusters.${before.metadata.name}`, object: before as PolicyTarget["object"], options: { protect } }]
      : [],
  );
}

/** What the rules say of the stack file, told what was there before. */
function verdictOf(
  { stack, bundles, logins }: StackVersionReading,
  previous: readonly PolicyTarget[] | undefined,
): Evaluation {
  return stack === undefined ? { violations: [], warnings: [] } : evaluateStack(stack, bundles, { logins, previous });
}

const PROGRAM =
  /^(components|manifests|charts|schema|policy\/rules)\/|^(index|program|config)\.ts$|^package-lock\.json$/;

/** Both sides are rendered by the program that is checked out: what the program itself changes does not show. */
function programNote(base: Base | undefined): string[] {
  const files = base?.changed.filter((file) => PROGRAM.test(file)) ?? [];
  if (files.length === 0) return [];
  return [
    `what the changed program does to objects (${files.length} files of it differ, ${files[0]} among them): both sides were rendered by the program of the head`,
  ];
}

/** Another key encrypts every secret anew. */
function keyNote(former: StackVersionReading | undefined, head: StackVersionReading): string[] {
  if (former === undefined || former.secrets.key === head.secrets.key) return [];
  return [
    "which secrets have other values: the stack's encryption key changed, and with it what every secret looks like encrypted",
  ];
}
