import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { STACK_LABEL } from "../manifests/manifest.ts";
import { clusterChains } from "../operations/chain.ts";
import type { Login } from "../operations/kubeconfig.ts";
import { at, type LiveObject } from "../operations/live-object.ts";
import { type ReportInput, reportOf } from "../operations/report.ts";
import type { Settings } from "../policy/rules/rule.ts";
import { statedWaivers } from "../policy/rules/waivers.ts";
import { readLogin } from "./cluster-logins.ts";
import { openPlace, type Place, type PlaceOptions, readPlace, withPlace } from "./management.ts";

interface ReportOptions extends PlaceOptions {
  readonly out: string;
}

const HELP = `
One HTML page on the clusters of a stack, which needs nothing from elsewhere and can be mailed: health and what holds each
cluster up, versions, capacity asked of Nutanix, how old logins are and when certificates end, which rules are waived, why and
until when, and a picture of the objects.
It holds no secret.

Examples:
  $ npm run report
  $ npm run report -- --stack mine --out clusters.html

Exit codes: 0 written, 1 failed, 2 wrong use.`;

export function registerReport(program: Command): void {
  withPlace(program.command("report"))
    .description("one HTML page on a stack: health, versions, capacity, ages of logins and certificates")
    .option("--out <file>", "file to write", "report.html")
    .addHelpText("after", HELP)
    .action(report);
}

async function report({ out, ...options }: ReportOptions): Promise<void> {
  const input = await readReport(await openPlace(options));
  const { reportHtml } = await import("./report-html.ts");
  const file = resolve(out);
  await writeFile(file, reportHtml(input, reportOf(input)));
  process.stderr.write(`${input.chains.length} clusters in ${file}\n`);
}

/** Reads what a report is made of; a login or certificate that is not shown is left out. */
async function readReport(place: Place): Promise<ReportInput> {
  const { server, identity, planned, policy } = place;
  const snapshot = await readPlace(place);
  const chains = clusterChains(snapshot);
  const logins = new Map<string, Login>();
  await Promise.all(
    chains.map(async ({ name }) => {
      const { login } = await readLogin(server, name);
      if (login !== undefined) logins.set(name, login);
    }),
  );
  const selector = identity === undefined ? STACK_LABEL : `${STACK_LABEL}=${identity}`;
  const path = `/api/v1/namespaces/${snapshot.namespace}/configmaps?labelSelector=${encodeURIComponent(selector)}`;
  const { code, body } = await server.ask(path);
  const configMaps = code === 200 ? ((at(body, "items") ?? []) as LiveObject[]) : [];
  const there = new Set(chains.map(({ name }) => name));
  const absent = planned.filter((name) => !there.has(name));
  const waivers = policy && statedWaivers({ environment: "production", rules: policy as Settings["rules"] & object });
  return { snapshot, chains, absent, stack: identity, logins, configMaps, waivers };
}
