import { access, constants, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** Folder of Pulumi's language host for Node, which policy packs run on; undefined where there is none. */
export async function languageHost(pulumi: string): Promise<string | undefined> {
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    dirname(await realpath(pulumi)),
    join(homedir(), ".pulumi", "bin"),
  ];
  for (const folder of folders.filter(Boolean)) {
    const isThere = await access(join(folder, "pulumi-language-nodejs"), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return folder;
  }
  return undefined;
}
