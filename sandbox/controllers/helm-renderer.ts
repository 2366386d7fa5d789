import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { ControllerContext } from "./context.ts";

const run = promisify(execFile);

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
export async function render({
  helm,
  chart,
  release,
  namespace,
  values,
  directory,
  server,
}: HelmRenderOptions): Promise<KubernetesObject[]> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, `values-${namespace}-${release}-${process.pid}.json`);
  await writeFile(file, JSON.stringify(values ?? {}), { mode: 0o600 });
  try {
    const versions = (server?.apiVersions ?? []).flatMap((version) => ["--api-versions", version]);
    const lookup = server ? ["--dry-run=server", "--kubeconfig", server.kubeconfig] : [];
    const { stdout } = await run(
      helm,
      ["template", release, chart, "--namespace", namespace, "--values", file, ...lookup, ...versions],
      {
        maxBuffer: 32 * 1024 * 1024,
      },
    );
    return parseAllDocuments(stdout)
      .map((document) => document.toJS() as KubernetesObject | null)
      .filter((object) => object !== null && typeof object === "object" && "kind" in object) as KubernetesObject[];
  } catch (error) {
    throw new Error(errorText(error));
  } finally {
    await rm(file, { force: true });
  }
}

export interface HelmUpgradeOptions extends Omit<HelmRenderOptions, "server"> {
  kubeconfig: string;
}

/** Upgrades a Helm release that is there to a chart and its values alone. Throws with Helm's own words. */
export async function upgrade({
  helm,
  chart,
  release,
  namespace,
  values,
  ...where
}: HelmUpgradeOptions): Promise<void> {
  await mkdir(where.directory, { recursive: true });
  const file = join(where.directory, `values-upgrade-${release}-${process.pid}.json`);
  await writeFile(file, JSON.stringify(values ?? {}), { mode: 0o600 });
  try {
    const words = ["upgrade", release, chart, "--namespace", namespace, "--values", file, "--reset-values"];
    await run(helm, [...words, "--kubeconfig", where.kubeconfig], { maxBuffer: 32 * 1024 * 1024 });
  } catch (error) {
    throw new Error(errorText(error));
  } finally {
    await rm(file, { force: true });
  }
}

function errorText(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const line = (stderr || message).split("\n").filter((text) => text.trim() !== "" && !text.startsWith("Use --debug"));
  return line.join(" ").replace(/^Error: /, "");
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
