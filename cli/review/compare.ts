/** Compares two versions of a stack, by rendering both or from the engine's preview. */
import { readFile } from "node:fs/promises";
import { evaluateStack, stackTargets } from "../../manifests/stack-manifests.ts";
import type { PolicyTarget } from "../../policy/rules/rule.ts";
import { violationLines } from "../../policy/rules/violation.ts";
import { EXIT, Failure } from "../output/failure.ts";
import type { RenderedObject } from "../stack/render-stack.ts";
import { type BaseCheckout, checkOutBase, headName } from "./base-checkout.ts";
import { buildReview, type ReviewInput } from "./build-review.ts";
import { objectsOf } from "./comparable-objects.ts";
import { type EnginePreview, readPreview } from "./engine-preview.ts";
import type { Review } from "./model.ts";
import { type ObjectDiff, objectDiffs, protectionOf } from "./object-diffs.ts";
import { settingsChanges, settingsWarnings } from "./settings-changes.ts";
import { changedSecrets, readStackVersion, type StackVersion } from "./stack-version.ts";

export interface ReviewOptions {
  readonly stack: string;
  /** Folder with Pulumi.yaml and the stack's files. */
  readonly workDir: string;
  /** Reference to compare with. @default the first of origin/HEAD, origin/main and main that exists */
  readonly base?: string | undefined;
  /** File with the output of `pulumi preview --json`. @default none: both versions are rendered */
  readonly preview?: string | undefined;
}

/** @throws Failure where the stack, the commit or the preview does not exist. */
export async function compareStacks(options: ReviewOptions): Promise<Review> {
  const { stack, workDir } = options;
  const head = await readStackVersion(options);
  if (head === undefined)
    throw new Failure(
      `--stack: "${stack}" has no Pulumi.${stack}.yaml in ${workDir}; name a stack that has one, or its folder with --cwd`,
      EXIT.usage,
    );
  const preview =
    options.preview === undefined ? undefined : readPreview(await readText(options.preview), objects(head));
  // A failed preview lists only some resources: both versions are rendered instead.
  const isComplete = preview !== undefined && preview.errors.length === 0;
  const base = !isComplete || options.base !== undefined ? await checkOutBase(workDir, options.base) : undefined;
  try {
    const former = base && (await readStackVersion({ stack, workDir: base.folder }));
    const { previous, unknown, ...changes } = isComplete
      ? previewChanges(preview)
      : renderedChanges({ head, former, base });
    const failed = "the engine's plan: its preview failed, and both stack files were rendered instead";
    const baseName = base && `${base.name}${former === undefined ? ", which does not have this stack" : ""}`;
    const settings = settingsChanges(former?.stack, head.stack);
    const { violations, warnings } = messages(head, previous, preview);
    return buildReview({
      ...{ settings, violations, warnings: [...settingsWarnings(settings), ...warnings] },
      ...{ stack, environment: head.stack?.environment },
      compared: { base: baseName ?? "the state", head: await headName(workDir) },
      secrets: base === undefined ? [] : changedSecrets(former?.secrets, head.secrets),
      ...changes,
      unknown: [
        ...(base === undefined ? [NO_SETTINGS] : []),
        ...(preview === undefined || isComplete ? [] : [failed]),
        ...unknown,
        ...head.unread,
        ...keyNote(former, head),
      ],
    });
  } finally {
    base?.remove();
  }
}

const NO_SETTINGS = "changed settings that change no object, such as policy and networks: pass --base to compare them";

function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => {
    throw new Failure(`--preview: ${file} is not readable; write pulumi preview --json into it`, EXIT.usage);
  });
}

/** Objects of a version; none where its stack file is not valid. */
function objects(version: StackVersion | undefined): RenderedObject[] {
  return version?.stack === undefined ? [] : objectsOf({ ...version, stack: version.stack });
}

interface ComparedVersions {
  readonly head: StackVersion;
  readonly former: StackVersion | undefined;
  readonly base: BaseCheckout | undefined;
}

interface VersionChanges extends Pick<ReviewInput, "source" | "diffs" | "others" | "unknown"> {
  /** The former objects, as policies about updates see them. */
  readonly previous: readonly PolicyTarget[] | undefined;
}

/** Changes between both stack files, rendered by the program of the working tree. */
function renderedChanges({ head, former, base }: ComparedVersions): VersionChanges {
  return {
    source: "render",
    diffs: head.stack === undefined ? [] : objectDiffs(objects(former), objects(head), protectionOf(former?.stack)),
    others: [],
    previous: former?.stack && stackTargets(former.stack, former.bundles, former.logins),
    unknown: [
      ...(head.stack === undefined ? ["changes: the stack file is not valid"] : []),
      ...(former !== undefined && former.stack === undefined
        ? ["the former objects: this program does not accept the stack file of the base, and everything looks new"]
        : []),
      "the live objects and their drift: Pulumi's engine did not run",
      ...(base?.notes ?? []),
      ...programNote(base),
    ],
  };
}

/** Changes that the engine plans. */
function previewChanges({ diffs, others, unknown }: EnginePreview): VersionChanges {
  return { source: "preview", diffs, others, unknown, previous: recordedTargets(diffs) };
}

/** Violations and warnings of the stack file, and what only the engine reports. */
function messages(
  { stack, bundles, logins, errors: invalid, evaluation: alone }: StackVersion,
  previous: readonly PolicyTarget[] | undefined,
  { errors, warnings }: Pick<EnginePreview, "errors" | "warnings"> = { errors: [], warnings: [] },
): Pick<ReviewInput, "violations" | "warnings"> {
  const evaluation = stack && evaluateStack(stack, bundles, { logins, previous });
  const reasons = [...invalid, ...alone.violations, ...alone.warnings].map(({ reason }) => reason);
  const isNew = (line: string) => !reasons.some((reason) => line.includes(reason));
  return {
    violations: [...violationLines([...invalid, ...(evaluation?.violations ?? [])]), ...errors.filter(isNew)],
    warnings: [...violationLines(evaluation?.warnings ?? []), ...warnings.filter(isNew)],
  };
}

/** ClusterDeployments of the state, as policies see them. */
function recordedTargets(diffs: readonly ObjectDiff[]): PolicyTarget[] {
  return diffs.flatMap(({ before, protected: protect }) =>
    before?.kind === "ClusterDeployment"
      ? [{ at: `clusters.${before.metadata.name}`, object: before as PolicyTarget["object"], options: { protect } }]
      : [],
  );
}

const PROGRAM =
  /^(components|config|manifests|charts|schema|policy\/rules)\/|^(index|program|config)\.ts$|^package-lock\.json$/;

/** The program of the working tree renders both versions: its own changes are not visible. */
function programNote(base: BaseCheckout | undefined): string[] {
  const files = base?.changed.filter((file) => PROGRAM.test(file)) ?? [];
  if (files.length === 0) return [];
  return [
    `effects of the changed program (${files.length} files, such as ${files[0]}): the head's program rendered both versions`,
  ];
}

/** Another key changes the ciphertext of every secret. */
function keyNote(former: StackVersion | undefined, head: StackVersion): string[] {
  if (former === undefined || former.secrets.key === head.secrets.key) return [];
  return ["which secrets changed: the encryption key of the stack changed, and with it every ciphertext"];
}
