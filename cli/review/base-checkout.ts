/** The files of another commit, as data: nothing of it is executed, no git hook either. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { execa } from "execa";
import tar from "tar-stream";
import { printableLine } from "../../policy/rules/printable.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { openTemporaryFolder, temporaryError } from "../stack/temporary-folder.ts";

export interface BaseCheckout {
  /** The reference and its abbreviated commit. */
  readonly name: string;
  /** Folder with its files. */
  readonly folder: string;
  /** Paths that differ from the working tree, relative to the project. */
  readonly changed: readonly string[];
  /** Limits of the comparison, one sentence each. */
  readonly notes: readonly string[];
  readonly remove: () => void;
}

/**
 * Extracts the files of the merge base of a reference and HEAD into a temporary folder.
 *
 * @param ref @default the first of origin/HEAD, origin/main and main that exists
 * @throws Failure where the commit does not exist.
 */
export async function checkOutBase(workDir: string, ref?: string): Promise<BaseCheckout> {
  const git = gitIn(workDir);
  const names = ref === undefined ? ["origin/HEAD", "origin/main", "main"] : [ref];
  const found = await Promise.all(names.map((name) => git("rev-parse", "--verify", "--quiet", `${name}^{commit}`)));
  const index = found.findIndex((commit) => commit !== undefined);
  const [name, tip] = [names[index], found[index]];
  if (name === undefined || tip === undefined) throw (await noRepository(workDir)) ?? missing(names, ref);
  const common = await git("merge-base", tip, "HEAD");
  const commit = common ?? tip;
  const { folder, remove } = await openTemporaryFolder("review");
  try {
    await extract(workDir, commit, folder);
    return {
      name: `${name} (${commit.slice(0, 9)})`,
      folder,
      changed: ((await git("diff", "--name-only", "--relative", commit)) ?? "").split("\n").filter(Boolean),
      notes:
        common === undefined
          ? [
              `the merge base: this clone has no common commit of ${name} and HEAD, and later changes in ${name} appear reversed`,
            ]
          : [],
      remove,
    };
  } catch (error) {
    remove();
    throw temporaryError(error);
  }
}

/** The commit of the working tree, and whether files differ from it. */
export async function headName(workDir: string): Promise<string> {
  const git = gitIn(workDir);
  const commit = await git("rev-parse", "HEAD");
  if (commit === undefined) return "the working tree";
  const isChanged = (await git("status", "--porcelain", "--", ".")) !== "";
  return isChanged ? `the working tree on ${commit.slice(0, 9)}` : commit.slice(0, 9);
}

/** Runs git in a folder; its output, or undefined where it fails. */
function gitIn(workDir: string): (...args: string[]) => Promise<string | undefined> {
  return async (...args) => {
    const { exitCode, stdout } = await execa("git", args, { cwd: workDir, reject: false });
    return exitCode === 0 ? stdout.trim() : undefined;
  };
}

/** Why git finds nothing at all; undefined where it reads the folder. */
async function noRepository(workDir: string): Promise<Failure | undefined> {
  const asked = { cwd: workDir, env: { LC_ALL: "C" }, reject: false } as const;
  const { exitCode, code, stderr = "" } = await execa("git", ["rev-parse", "--git-dir"], asked);
  if (exitCode === 0) return undefined;
  const said = printableLine(stderr.split("\n")[0]?.replace(/^fatal: /, "") ?? "");
  const reason = code === "ENOENT" ? "it is not on PATH" : said;
  // Of a clone that belongs to another user, as in a container of CI.
  const command = /git config .*safe\.directory .*/.exec(stderr)?.[0];
  const remedy = command === undefined ? "run review in a clone, with git on PATH" : `run ${printableLine(command)}`;
  return new Failure(`--base: git reads no repository in ${workDir} (${reason}); ${remedy}`, EXIT.usage);
}

function missing(names: readonly string[], ref: string | undefined): Failure {
  const what = ref === undefined ? `none of ${names.join(", ")} is a commit` : `"${ref}" is not a commit`;
  return new Failure(
    `--base: ${what} of this clone; fetch it (in CI with fetch-depth: 0), or name another`,
    EXIT.usage,
  );
}

/** Regular files only: a link could lead out of the folder. */
async function extract(workDir: string, commit: string, folder: string): Promise<void> {
  const { exitCode, stdout } = await execa("git", ["archive", "--format=tar", commit], {
    cwd: workDir,
    encoding: "buffer",
    reject: false,
    maxBuffer: 2 ** 30,
  });
  // The folder of the project may be new in this commit.
  if (exitCode !== 0) return;
  const archive = Readable.from([Buffer.from(stdout)]).pipe(tar.extract());
  for await (const entry of archive) {
    const path = resolve(folder, entry.header.name);
    if (entry.header.type === "file" && path.startsWith(folder + sep)) {
      const parts: Buffer[] = [];
      for await (const part of entry) parts.push(part as Buffer);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, Buffer.concat(parts));
    } else {
      entry.resume();
    }
  }
}
