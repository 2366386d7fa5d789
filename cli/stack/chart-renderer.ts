/** Charts rendered for the preflight, by the Helm that is at hand. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import type { RenderChart } from "../../preflight/check.ts";
import { render } from "../../sandbox/controllers/helm-renderer.ts";

/** `helm` is its absolute path. */
export function chartRenderer(helm: string): RenderChart {
  return async (asked) => {
    const directory = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-render-"));
    try {
      return (await render({ ...asked, helm, namespace: NAMESPACE, directory })) as unknown as Manifest[];
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
}
