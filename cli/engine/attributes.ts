import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Where the file backend keeps the media type of the file beside it. */
const SUFFIX = ".attrs";

/**
 * Removes attribute files of the stack's state that a killed run cut off: the backend cannot read a state beside one, and does
 * without where there is none. Returns a sentence for each.
 */
export async function removeTornAttributes(place: {
  readonly state: string;
  readonly project: string;
  readonly stack: string;
}): Promise<string[]> {
  const folder = join(place.state, ".pulumi", "stacks", place.project);
  const files = (await readdir(folder).catch(() => [])).filter(
    (file) => file.startsWith(`${place.stack}.json`) && file.endsWith(SUFFIX),
  );
  const sentences: string[] = [];
  for (const file of files) {
    if (await isWhole(join(folder, file))) continue;
    await rm(join(folder, file), { force: true });
    sentences.push(
      `state of the stack ${place.stack}: ${file} was cut off; removed, since the state is whole without it`,
    );
  }
  return sentences;
}

async function isWhole(file: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}
