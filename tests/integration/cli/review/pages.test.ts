import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { compareStacks } from "../../../../cli/review/compare.ts";
import { page } from "../../../../cli/review/page.ts";
import { PROJECT } from "../../../../cli/stack/paths.ts";
import { FROZEN_DATE, freezeDate } from "../../../support/frozen-date.ts";
import { repository } from "./repository.ts";

const REVIEWS = join(PROJECT, "docs", "guides", "review");
const read = (file: string) => readFileSync(join(REVIEWS, file), "utf8");

type Review = (folder: string) => Promise<string>;

/** The command, in a process without a passphrase. */
const byCommand: Review = async (folder) => {
  const { PULUMI_CONFIG_PASSPHRASE: _, PULUMI_CONFIG_PASSPHRASE_FILE: __, ...env } = process.env;
  const words = ["review", "--stack", "shop", "--base", "main", "--cwd", folder];
  const options = { env: { ...env, ...FROZEN_DATE }, extendEnv: false, stripFinalNewline: false };
  return (await execa(process.execPath, [join(PROJECT, "cli/main.ts"), ...words], options)).stdout;
};

/** What the command does, without the seconds that a process takes. */
const here: Review = async (folder) => page(await compareStacks({ stack: "shop", base: "main", workDir: folder }));

describe("the pages in docs/guides/review", function () {
  this.timeout(60_000);
  freezeDate();

  const changes = { "scale-up": byCommand, "endpoint-change": here, "credential-rotation": here };
  for (const [change, review] of Object.entries(changes)) {
    it(`show what the command writes for the ${change.replace("-", " ")}`, async () => {
      const repo = repository(read("before.yaml"));
      try {
        repo.git("apply", join(REVIEWS, `${change}.diff`));
        repo.commit(change);
        const text = await review(repo.folder);
        // The one way to write them anew; what is different then is for a person to read.
        if (process.env["UPDATE_REVIEWS"]) writeFileSync(join(REVIEWS, `${change}.md`), text);
        assert.equal(text, read(`${change}.md`));
      } finally {
        repo.remove();
      }
    });
  }
});
