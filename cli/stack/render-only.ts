import { join } from "node:path";
import { Failure } from "../output/failure.ts";
import { LOCAL } from "./paths.ts";
import type { RenderedObject } from "./render-stack.ts";
import { writeManifests } from "./write-manifests.ts";

/**
 * Writes the manifests to disk, where the engine is not available.
 *
 * @throws Failure with what is missing and how to get it.
 */
export async function renderOnly(stack: string, objects: readonly RenderedObject[], reason: string): Promise<never> {
  const folder = join(LOCAL, "rendered", stack);
  await writeManifests(objects, folder);
  throw new Failure(
    `Rendered, not deployed: the ${objects.length} manifests of the stack ${stack} are in ${folder}; no cluster was created or changed.\n` +
      `Missing tools:\n${reason}`,
  );
}
