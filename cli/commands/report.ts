import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { ApiError } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import { type ReportInput, reportOf } from "../../operations/build-report.ts";
import type { KubeconfigLogin } from "../../operations/kubeconfig-merge.ts";
import { clusterTrees } from "../../operations/resource-tree.ts";
import type { PolicySettings } from "../../policy/rules/rule.ts";
import { statedWaivers } from "../../policy/rules/waivers.ts";
import { readLogin } from "../stack/cluster-logins.ts";
import { openTarget, readTarget, type Target, type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface ReportOptions extends TargetCommandOptions {
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
  withTargetOptions(program.command("report"))
    .description("one HTML page on a stack: health, versions, capacity, ages of logins and certificates")
    .option("--out <file>", "file to write", "report.html")
    .addHelpText("after", HELP)
    .action(report);
}

async function report({ out, ...options }: ReportOptions): Promise<void> {
  const input = await readReport(await openTarget(options));
  const { reportHtml } = await import("../output/report-html.ts");
  const file = resolve(out);
  await writeFile(file, reportHtml(input, reportOf(input)));
  process.stderr.write(`${input.chains.length} clusters in ${file}\n`);
}

/** Reads what a report is made of; a login or certificate that is not shown is left out. */
async function readReport(place: Target): Promise<ReportInput> {
  const { client, identity, planned, policy } = place;
  const snapshot = await readTarget(place);
  const chains = clusterTrees(snapshot);
  const logins = new Map<string, KubeconfigLogin>();
  await Promise.all(
    chains.map(async ({ name }) => {
      const { login } = await readLogin(client, name);
      if (login !== undefined) logins.set(name, login);
    }),
  );
  const selector = identity === undefined ? STACK_LABEL : `${STACK_LABEL}=${identity}`;
  const configMaps = await client
    .list({ ...KINDS.ConfigMap, namespace: snapshot.namespace }, { labelSelector: selector })
    .catch((error: unknown) => {
      if (error instanceof ApiError) return [];
      throw error;
    });
  const there = new Set(chains.map(({ name }) => name));
  const absent = planned.filter((name) => !there.has(name));
  const waivers =
    policy && statedWaivers({ environment: "production", rules: policy as PolicySettings["rules"] & object });
  return { snapshot, chains, absent, stack: identity, logins, configMaps, waivers };
}
