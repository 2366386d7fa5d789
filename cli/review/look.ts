/** Looks at a change in one of two ways, and puts together what was found. */
import { readFile } from "node:fs/promises";
import { stackSubjects, stackVerdict } from "../../manifests/stack.ts";
import type { Fault } from "../../policy/rules/fault.ts";
import type { Verdict } from "../../policy/rules/index.ts";
import type { Subject } from "../../policy/rules/rule.ts";
import { EXIT, Failure } from "../failure.ts";
import { assemble, type Findings } from "./assemble.ts";
import { type Base, checkOutBase, headName } from "./base.ts";
import type { Review } from "./model.ts";
import { objectsOf, type PlainObject } from "./objects.ts";
import { type Pair, pairsOf, protectionOf } from "./pairs.ts";
import { readPreview } from "./preview.ts";
import { changedSecrets, type ReadSide, readSide } from "./side.ts";

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
export async function look(options: ReviewOptions): Promise<Review> {
  const head = await readSide(options);
  if (head === undefined) {
    throw new Failure(
      `--stack: there is no Pulumi.${options.stack}.yaml in ${options.workDir}; name a stack that has one, or the folder with --cwd`,
      EXIT.usage,
    );
  }
  const base = options.preview === undefined || options.base !== undefined ? await checkOut(options) : undefined;
  try {
    const former = base && (await readSide({ stack: options.stack, workDir: base.folder }));
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
    return assemble(
      options.preview === undefined
        ? { ...found, ...rendered(sides) }
        : { ...found, ...previewed(await readPreviewFile(options.preview), sides) },
    );
  } finally {
    await base?.remove();
  }
}

function checkOut({ workDir, base }: ReviewOptions): Promise<Base> {
  return checkOutBase(workDir, base);
}

async function readPreviewFile(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => {
    throw new Failure(`--preview: ${file} cannot be read; write pulumi preview --json into it`, EXIT.usage);
  });
}

interface Sides {
  readonly head: ReadSide;
  readonly former: ReadSide | undefined;
  readonly base: Base | undefined;
}

type Looked = Omit<Findings, "stack" | "environment" | "compared" | "secrets">;

/** Both stack files, as this program renders them. */
function rendered({ head, former, base }: Sides): Looked {
  const before = former?.stack && objectsOf({ ...former, stack: former.stack, logins: former.secrets.logins });
  const after = head.stack && objectsOf({ ...head, stack: head.stack, logins: head.secrets.logins });
  const previous = former?.stack && stackSubjects(former.stack, former.bundles);
  const verdict = verdictOf(head, previous);
  return {
    source: "render",
    pairs: after === undefined ? [] : pairsOf(before ?? [], after, protectionOf(former?.stack)),
    others: [],
    refused: [...head.faults, ...verdict.refused],
    warned: verdict.warned,
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
function previewed(text: string, { head, former }: Sides): Looked {
  const known = head.stack === undefined ? [] : objectsOf({ ...head, stack: head.stack, logins: head.secrets.logins });
  const { pairs, others, errors, warnings, unknown } = readPreview(text, known);
  const verdict = verdictOf(head, livingSubjects(pairs));
  const said = new Set([...head.faults, ...verdict.refused, ...verdict.warned].map(({ reason }) => reason));
  const isNew = (line: string) => ![...said].some((reason) => line.includes(reason));
  return {
    source: "preview",
    pairs,
    others,
    refused: [...head.faults, ...verdict.refused],
    warned: verdict.warned,
    errors: errors.filter(isNew),
    warnings: warnings.filter(isNew),
    unknown: [
      ...unknown,
      ...(errors.length > 0 ? ["what the preview did not come to: it ended with an error"] : []),
      ...keyNote(former, head),
    ],
  };
}

/** What the state holds, as the rules read it. */
function livingSubjects(pairs: readonly Pair[]): Subject[] {
  return pairs.flatMap(({ before }) => (before?.kind === "ClusterDeployment" ? [subjectOf(before)] : []));
}

function subjectOf(object: PlainObject): Subject {
  return { at: `clusters.${object.metadata.name}`, object: object as Subject["object"] };
}

/** What the rules say of the stack file, told what was there before. */
function verdictOf({ stack, bundles }: ReadSide, _previous: readonly Subject[] | undefined): Verdict {
  return stack === undefined ? { refused: [], warned: [] as Fault[] } : stackVerdict(stack, bundles);
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
function keyNote(former: ReadSide | undefined, head: ReadSide): string[] {
  if (former === undefined || former.secrets.key === head.secrets.key) return [];
  return [
    "which secrets have other values: the stack's encryption key changed, and with it what every secret looks like encrypted",
  ];
}
