/** Small repositories with a stack file and a change of it, whose commits have the same ids wherever they are made. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execaSync } from "execa";

const PROJECT_FILE = "name: k0rdent-nutanix\nruntime: nodejs\n";
const NOBODY = { name: "Example", email: "example@example.com", date: "2026-01-01T00:00:00Z" };

export interface Repository {
  readonly folder: string;
  write(file: string, text: string): void;
  /** Commits all that there is. */
  commit(message: string): void;
  git(...words: string[]): string;
  remove(): void;
}

/** A repository with the stack file `Pulumi.shop.yaml` on its branch main, and a branch `change` checked out. */
export function repository(stackFile: string): Repository {
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-repository-"));
  const env = {
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_AUTHOR_NAME: NOBODY.name,
    GIT_AUTHOR_EMAIL: NOBODY.email,
    GIT_AUTHOR_DATE: NOBODY.date,
    GIT_COMMITTER_NAME: NOBODY.name,
    GIT_COMMITTER_EMAIL: NOBODY.email,
    GIT_COMMITTER_DATE: NOBODY.date,
  };
  const git = (...words: string[]) => execaSync("git", words, { cwd: folder, env }).stdout;
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const commit = (message: string) => {
    git("add", "--all");
    git("commit", "--quiet", "--message", message);
  };
  git("init", "--quiet", "--initial-branch", "main");
  write("Pulumi.yaml", PROJECT_FILE);
  write("Pulumi.shop.yaml", stackFile);
  commit("A stack");
  git("checkout", "--quiet", "-b", "change");
  return { folder, write, commit, git, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
