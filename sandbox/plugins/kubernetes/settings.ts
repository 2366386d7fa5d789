import { homedir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { revealMap, UNKNOWN, type ValueMap } from "../property-values.ts";
import type { ConfigDiffCall } from "../provider.ts";
import { ApiClient } from "./api-client.ts";
import { activeCluster, connection, isLoopback } from "./kubeconfig.ts";

/** What the provider resource of the program says, and whether its cluster answers. */
export interface Settings {
  client: ApiClient | undefined;
  /** why the cluster cannot be used; undefined: it answers */
  unreachable: string | undefined;
  defaultNamespace: string;
  upsertExistingObjects: boolean;
  patchForce: boolean;
  deleteUnreachable: boolean;
  mutable: { secrets: boolean; configMaps: boolean };
  /** path or text, for helm */
  kubeconfig: string;
  context: string | undefined;
}

const PREFIX = "kubernetes:config:";

/**
 * Reads the provider's configuration and asks the API server for its kinds.
 * @throws Error when the API server is not on this machine, or a setting is not served
 */
export async function readSettings(variables: Map<string, string>): Promise<Settings> {
  const get = (name: string): string => variables.get(PREFIX + name) ?? "";
  for (const name of ["renderYamlToDirectory", "strictMode"].filter((name) => !["", "false"].includes(get(name)))) {
    throw new Error(`${name}: is not served by the stand-in plugin; install the real kubernetes plugin`);
  }
  if (get("enableServerSideApply") === "false") {
    throw new Error(
      "enableServerSideApply: false is not served by the stand-in plugin; install the real kubernetes plugin",
    );
  }
  const source = get("kubeconfig") || ambientKubeconfig();
  const overrides = { context: get("context") || undefined, cluster: get("cluster") || undefined };
  const settings: Settings = {
    client: undefined,
    unreachable: undefined,
    defaultNamespace: get("namespace") || "default",
    upsertExistingObjects: flag(get("upsertExistingObjects"), "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    patchForce: flag(get("enablePatchForce"), "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    deleteUnreachable: flag(get("deleteUnreachable"), "PULUMI_K8S_DELETE_UNREACHABLE"),
    mutable: {
      secrets: flag(get("enableSecretMutable"), "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
      configMaps: flag(get("enableConfigMapMutable"), "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    },
    kubeconfig: source,
    context: overrides.context,
  };
  let found: ReturnType<typeof connection>;
  try {
    found = connection(source, overrides);
  } catch (error) {
    return {
      ...settings,
      unreachable: `failed to parse kubeconfig data in \`kubernetes:config:kubeconfig\`- ${(error as Error).message}`,
    };
  }
  if (!isLoopback(found.server)) {
    throw new Error(
      `kubeconfig: the API server ${found.server} is not on a loopback address, and the stand-in plugin serves the sandbox only; install the real kubernetes plugin`,
    );
  }
  settings.client = new ApiClient(found);
  settings.defaultNamespace = get("namespace") || found.namespace;
  try {
    await settings.client.discovery.load();
  } catch (error) {
    settings.unreachable = `unable to load schema information from the API server: ${(error as Error).message}`;
  }
  return settings;
}

/** A changed cluster replaces everything, unless clusterIdentifier says that it is the same one. */
export function diffSettings(call: ConfigDiffCall): { changes: string[]; replaces: string[] } {
  const olds = revealMap(call.olds);
  const news = revealMap(call.news);
  const changes = [...new Set([...Object.keys(olds), ...Object.keys(news)])]
    .filter((key) => !isDeepStrictEqual(olds[key], news[key]))
    .sort();
  const replaces: string[] = [];
  const [oldId, newId] = [olds["clusterIdentifier"], news["clusterIdentifier"]];
  if (oldId !== undefined && newId !== undefined && oldId !== newId) {
    replaces.push("clusterIdentifier");
  }
  if (changes.length === 0 || (newId !== undefined && oldId === newId)) {
    return { changes, replaces: [] };
  }
  const place = ["kubeconfig", "context", "cluster"];
  const unknown = place.find((key) => news[key] === UNKNOWN);
  if (unknown) {
    return { changes: [unknown], replaces: [...replaces, unknown] };
  }
  const [before, after] = [clusterOf(olds), clusterOf(news)];
  if (before && after && !isDeepStrictEqual(before, after)) {
    replaces.push(...place.filter((key) => changes.includes(key)));
  }
  return { changes, replaces };
}

function clusterOf(settings: ValueMap): object | undefined {
  const text = (key: string): string | undefined => (typeof settings[key] === "string" ? settings[key] : undefined);
  const source = text("kubeconfig");
  return source ? activeCluster(source, { context: text("context"), cluster: text("cluster") }) : undefined;
}

function ambientKubeconfig(): string {
  return process.env["KUBECONFIG"] || join(homedir(), ".kube", "config");
}

function flag(value: string, variable: string): boolean {
  return (value || (process.env[variable] ?? "")) === "true";
}
