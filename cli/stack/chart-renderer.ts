/** Renders charts for the preflight with Helm. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import type { RenderChart } from "../../preflight/check.ts";
import { render } from "../../sandbox/controllers/helm-renderer.ts";

/** `helm` is the absolute path of Helm. */
export function chartRenderer(helm: string): RenderChart {
  return async (chart) => {
    const directory = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-render-"));
    try {
      return (await render({ ...chart, helm, namespace: NAMESPACE, directory })) as unknown as Manifest[];
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
}
