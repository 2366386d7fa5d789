import { join } from "node:path";
import { type RenderedObject, writeObjects } from "../commands/render.ts";
import { Failure } from "../output/failure.ts";
import { LOCAL } from "./paths.ts";

/**
 * What is left where no engine can be had: the manifests on disk.
 *
 * @throws Failure that says what was not done and how to get it.
 */
export async function renderOnly(stack: string, objects: readonly RenderedObject[], reason: string): Promise<never> {
  const folder = join(LOCAL, "rendered", stack);
  await writeObjects(objects, folder);
  throw new Failure(
    `Rendered, not deployed: the ${objects.length} objects of the stack ${stack} are in ${folder}, and no cluster was made or touched.\n` +
      `What is missing, and how to get it:\n${reason}`,
  );
}
