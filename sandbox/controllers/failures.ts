import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { list } from "../../policy/rules/plain-values.ts";
import { readJson, replaceFile } from "../tools/replace-file.ts";

/** Failures of machines: while one is injected, each cluster has a worker that fails so. */
export const MACHINE_FAILURES = [
  "image-not-found",
  "subnet-not-found",
  "out-of-resources",
  "vm-without-address",
  "node-does-not-join",
  "vm-not-deleted",
] as const;

/** The failures that a sandbox can simulate; each is a Stage in sandbox/stages/failures. */
export const FAILURES = [
  "management-never-ready",
  "management-premature-ready",
  "credential-rejected",
  "cluster-deployment-failed",
  "cluster-deployment-stuck",
  "service-not-deployed",
  "prism-central-login-rejected",
  "prism-central-not-trusted",
  "prism-central-unreachable",
  "control-plane-unreachable",
  ...MACHINE_FAILURES,
] as const;
export type InjectedFailure = (typeof FAILURES)[number];

/** Failures of one cluster's own objects, which the Stages of Cluster API's and CAPX's kinds select by. */
const CLUSTER_FAILURES: readonly InjectedFailure[] = FAILURES.filter(
  (name) => !/^(management|credential|cluster-deployment-failed|service|vm-not-deleted)/.test(name),
);

/** The injected failure that concerns the objects of clusters. */
export function clusterFailure(failures: ReadonlySet<InjectedFailure>): InjectedFailure | undefined {
  return CLUSTER_FAILURES.find((name) => failures.has(name));
}

const fileOf = (directory: string): string => join(directory, "failures.json");

/** Injects these failures, and no others, into the sandbox in this folder, within a second. */
export function injectFailures(directory: string, names: readonly InjectedFailure[]): void {
  mkdirSync(directory, { recursive: true });
  replaceFile(fileOf(directory), `${JSON.stringify(names)}\n`);
}

/** Clears all failures: what failed recovers. */
export function clearFailures(directory: string): void {
  rmSync(fileOf(directory), { force: true });
}

/** The injected failures; none where the file does not exist or cannot be read. */
export function readFailures(directory: string): ReadonlySet<InjectedFailure> {
  const names = list(readJson(fileOf(directory)));
  return new Set(FAILURES.filter((name) => names.includes(name)));
}
