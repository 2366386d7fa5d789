/** Renders charts for the preflight with Helm. */
import type { Manifest } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import type { RenderChart } from "../../preflight/check.ts";
import { render } from "../../sandbox/controllers/helm-renderer.ts";
import { withTemporaryFolder } from "./temporary-folder.ts";

/** `helm` is the absolute path of Helm. */
export function chartRenderer(helm: string): RenderChart {
  return async (chart) => {
    const rendered = await withTemporaryFolder("render", (directory) =>
      render({ ...chart, helm, namespace: NAMESPACE, directory }),
    );
    return rendered as unknown as Manifest[];
  };
}
