import { access, constants, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { PROJECT } from "../stack/paths.ts";

/** Runs policy packs where there is no language host; the engine finds it on PATH. */
export const POLICY_SCRIPT = join(PROJECT, "sandbox", "plugins", "policy", "pulumi-analyzer-policy-nodejs");

/** Folder of what runs policy packs: Pulumi's language host for Node, which comes with the released CLI, else our script. */
export async function policyHost(pulumi: string): Promise<string> {
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    dirname(await realpath(pulumi)),
    join(homedir(), ".pulumi", "bin"),
  ];
  for (const folder of folders.filter(Boolean)) {
    const exists = await access(join(folder, "pulumi-language-nodejs"), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (exists) return folder;
  }
  return dirname(POLICY_SCRIPT);
}
