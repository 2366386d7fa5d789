import { randomBytes } from "node:crypto";
import { hasUnknown, isMap, markSecrets, markUnknown, revealMap, type ValueMap } from "../property-values.ts";
import {
  type CheckCall,
  type CheckResult,
  type CreateCall,
  type DeleteCall,
  type DiffCall,
  type DiffResult,
  InitializationError,
  type ReadCall,
  type ReadResult,
  type UpdateCall,
} from "../provider.ts";
import { announceCrds, localChartVersion } from "./chart.ts";
import type { Context } from "./context.ts";
import { detailedDiff, threeWayPatch } from "./diff.ts";
import { chartArguments, DEFAULT_TIMEOUT, timeoutOf, writeArguments } from "./helm-arguments.ts";
import { runHelm } from "./helm-cli.ts";
import { storedRelease } from "./helm-history.ts";
import { emptyRelease, importedRelease, readReleaseState, releaseState } from "./helm-state.ts";

export async function checkRelease(context: Context, call: CheckCall): Promise<CheckResult> {
  const news = revealMap(call.news);
  const olds = revealMap(call.olds ?? {});
  const name = news["name"] || olds["name"] || `${call.urn.split("::").at(-1)}-${randomBytes(4).toString("hex")}`;
  const namespace = news["namespace"] || context.settings.defaultNamespace;
  const timeout = news["timeout"] ?? (news["skipAwait"] === true ? 0 : DEFAULT_TIMEOUT);
  const refused = ["valueYamlFiles", "postrender", "keyring"].filter((key) => news[key]);
  const options = isMap(news["repositoryOpts"]) ? news["repositoryOpts"] : {};
  const failures = [
    ...refused.map((property) => ({ property, reason: "is not served by the stand-in plugin" })),
    ...["password", "username"]
      .filter((key) => options[key])
      .map((key) => ({ property: `repositoryOpts.${key}`, reason: "is not served by the stand-in plugin" })),
  ];
  let release: ValueMap = { ...emptyRelease(), ...news, name, namespace, timeout };
  if (!hasUnknown(news) && failures.length === 0) {
    try {
      release = { ...release, version: await chartVersion(context, release) };
    } catch (error) {
      const reason = `${(error as Error).message}; check the chart name and repository configuration.`;
      failures.push({ property: "chart", reason });
    }
  }
  delete release["resourceNames"];
  return { inputs: markSecrets(markUnknown(release, call.news) as ValueMap, call.news), failures };
}

export async function diffRelease(call: DiffCall): Promise<DiffResult> {
  const { inputs: oldInputs } = readReleaseState(call.olds);
  const olds = revealMap(call.olds);
  const news = revealMap(call.news);
  if (call.ignoreChanges.includes("version")) {
    news["version"] = olds["version"] ?? "";
  }
  const patch = threeWayPatch(oldInputs, news, olds);
  const changes = detailedDiff(patch, { old: olds, newInputs: news, oldInputs }, [".name", ".namespace"]);
  const replaces = Object.keys(changes).filter((path) => changes[path]?.kind.endsWith("-replace"));
  return { changes, replaces, deleteBeforeReplace: false };
}

export async function createRelease(context: Context, call: CreateCall): Promise<{ id: string; state: ValueMap }> {
  if (call.preview) {
    return { id: "", state: releaseState(call.inputs, undefined) };
  }
  const inputs = revealMap(call.inputs);
  const id = `${inputs["namespace"]}/${inputs["name"]}`;
  const state = await writeRelease(context, call.inputs, { id, verb: "install" });
  return { id, state };
}

export async function updateRelease(context: Context, call: UpdateCall): Promise<ValueMap> {
  return call.preview
    ? releaseState(call.inputs, undefined)
    : writeRelease(context, call.inputs, { id: call.id, verb: "upgrade" });
}

export async function readRelease(context: Context, call: ReadCall): Promise<ReadResult> {
  const state = revealMap(call.state);
  const [namespace = "", name = ""] = call.id.split("/");
  const found = await storedRelease(
    clientOf(context),
    String(state["namespace"] || namespace),
    String(state["name"] || name),
  );
  if (!found) {
    return { id: "", state: {}, inputs: {} };
  }
  const old = readReleaseState(call.state).marked;
  const inputs = Object.keys(old).length > 0 ? old : importedRelease(found);
  return { id: call.id, state: releaseState(inputs, found), inputs };
}

export async function deleteRelease(context: Context, call: DeleteCall): Promise<void> {
  const release = revealMap(call.state);
  const waits = release["atomic"] === true || release["skipAwait"] !== true ? ["--wait"] : [];
  clientOf(context);
  const output = await runHelm({
    ...helmTarget(context),
    arguments: [
      "uninstall",
      String(release["name"]),
      "--namespace",
      String(release["namespace"]),
      ...waits,
      "--timeout",
      timeoutOf(release),
    ],
  });
  const told = output.replace(/^release ".*" uninstalled\s*/m, "").trim();
  if (told) {
    await context.engine.log("warning", `Helm uninstall returned information: ${JSON.stringify(told)}`, call.urn);
  }
}

/** Installs or upgrades; what is in the cluster afterwards is kept even if it did not become ready. */
async function writeRelease(
  context: Context,
  inputs: ValueMap,
  act: { id: string; verb: "install" | "upgrade" },
): Promise<ValueMap> {
  const client = clientOf(context);
  const release = revealMap(inputs);
  const [namespace, name] = [String(release["namespace"]), String(release["name"])];
  const before = await storedRelease(client, namespace, name);
  let problem: string | undefined;
  try {
    await runHelm({
      ...helmTarget(context),
      arguments: writeArguments(release, act.verb),
      values: isMap(release["values"]) ? release["values"] : {},
    });
  } catch (error) {
    problem = (error as Error).message;
  }
  const after = await storedRelease(client, namespace, name);
  if (problem !== undefined && (!after || after.revision === before?.revision)) {
    throw new Error(problem);
  }
  await client.discovery.load();
  const state = releaseState(inputs, after);
  if (problem !== undefined) {
    const what =
      act.verb === "install" ? "was created, but failed to initialize completely" : "failed to initialize completely";
    throw new InitializationError(
      `Helm release "${act.id}" ${what}. Use Helm CLI to investigate: failed to become available within allocated timeout. Error: Helm Release ${act.id}: ${problem}`,
      { id: act.id, state },
    );
  }
  return state;
}

async function chartVersion(context: Context, release: ValueMap): Promise<string> {
  const chart = String(release["chart"]);
  const local = localChartVersion(chart);
  if (local !== undefined) {
    if (context.settings.client) {
      announceCrds(chart, context.settings.client.discovery);
    }
    return local;
  }
  const shown = await runHelm({
    arguments: ["show", "chart", ...chartArguments(release)],
    kubeconfig: "",
    context: undefined,
    signal: context.signal,
  });
  return /^version: *["']?([^"'\s]+)/m.exec(shown)?.[1] ?? "";
}

function helmTarget(context: Context) {
  return { kubeconfig: context.settings.kubeconfig, context: context.settings.context, signal: context.signal };
}

function clientOf(context: Context) {
  const { client, unreachable } = context.settings;
  if (!client || unreachable) {
    throw new Error(`can't use a Helm Release with unreachable cluster: ${unreachable}`);
  }
  return client;
}
