import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { ControllerContext } from "./context.ts";

export interface HelmRenderOptions {
  helm: string;
  chart: string;
  release: string;
  namespace: string;
  values: unknown;
  /** Folder for the values file; it is removed afterwards. */
  directory: string;
  /** Where the chart may look things up, as it can where Flux installs it; and the API versions that it finds there. */
  server?: { kubeconfig: string; apiVersions: readonly string[] };
}

/** Objects of a chart, rendered by Helm. Throws with Helm's own words. */
export async function render({ server, ...options }: HelmRenderOptions): Promise<KubernetesObject[]> {
  const versions = (server?.apiVersions ?? []).flatMap((version) => ["--api-versions", version]);
  const lookup = server ? ["--dry-run=server", "--kubeconfig", server.kubeconfig] : [];
  const rendered = await run("template", options, [...lookup, ...versions]);
  return parseAllDocuments(rendered)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null && typeof object === "object" && "kind" in object) as KubernetesObject[];
}

/** Upgrades a Helm release that is there to a chart and its values alone. Throws with Helm's own words. */
export async function upgrade({ kubeconfig, ...options }: HelmUpgradeOptions): Promise<void> {
  await run("upgrade", options, ["--reset-values", "--kubeconfig", kubeconfig]);
}

export interface HelmUpgradeOptions extends Omit<HelmRenderOptions, "server"> {
  kubeconfig: string;
}

/** The output of a command on a release, with the values in a file. */
async function run(
  verb: "template" | "upgrade",
  { helm, chart, release, namespace, values, directory }: Omit<HelmRenderOptions, "server">,
  flags: readonly string[],
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, `values-${verb}-${namespace}-${release}-${process.pid}.json`);
  await writeFile(file, JSON.stringify(values ?? {}), { mode: 0o600 });
  try {
    const words = [verb, release, chart, "--namespace", namespace, "--values", file, ...flags];
    return (await execa(helm, words)).stdout;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const lines = (stderr || message)
      .split("\n")
      .filter((text) => text.trim() !== "" && !text.startsWith("Use --debug"));
    throw new Error(lines.join(" ").replace(/^Error: /, ""));
  } finally {
    await rm(file, { force: true });
  }
}

/** The API server as a chart sees it: with the group/version strings that it serves. */
export async function serverForLookups({
  client,
  kubeconfig,
}: Pick<ControllerContext, "client" | "kubeconfig">): Promise<{ kubeconfig: string; apiVersions: string[] }> {
  const found = await client.get<{ groups: { versions: { groupVersion: string }[] }[] }>("/apis");
  const apiVersions = found?.groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)) ?? [];
  return { kubeconfig, apiVersions };
}
