import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The failures of machines: with one of them in force each cluster has a worker to which it happens. */
export const MACHINE_FAILURES = [
  "image-not-found",
  "subnet-not-found",
  "out-of-resources",
  "vm-without-address",
  "node-does-not-join",
  "vm-not-deleted",
] as const;

/** What the sandbox's controllers can be told to do wrong; each is a Stage in sandbox/stages/failures. */
export const FAILURES = [
  "management-never-ready",
  "management-premature-ready",
  "credential-refused",
  "cluster-deployment-failed",
  "cluster-deployment-stuck",
  "prism-central-login-refused",
  "prism-central-not-trusted",
  "prism-central-unreachable",
  "control-plane-unreachable",
  ...MACHINE_FAILURES,
] as const;
export type InjectedFailure = (typeof FAILURES)[number];

/** Those of one cluster's own objects: the Stages of Cluster API's and CAPX's kinds ask for them on each object. */
const CLUSTER_FAILURES: readonly InjectedFailure[] = FAILURES.filter(
  (name) => !/^(management|credential|cluster-deployment-failed|vm-not-deleted)/.test(name),
);

/** The failure in force that befalls the objects of clusters. */
export function clusterFailure(failures: ReadonlySet<InjectedFailure>): InjectedFailure | undefined {
  return CLUSTER_FAILURES.find((name) => failures.has(name));
}

const fileOf = (directory: string): string => join(directory, "failures.json");

/**
 * Makes the controllers of the sandbox in this folder fail in these ways and no others, within a second.
 * Throws on a name that is not in FAILURES.
 */
export function injectFailures(directory: string, names: readonly InjectedFailure[]): void {
  const unknown = names.filter((name) => !FAILURES.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `failures: "${unknown.join(", ")}" is wrong because no such failure is known; use ${FAILURES.join(", ")}`,
    );
  }
  mkdirSync(directory, { recursive: true });
  const draft = `${fileOf(directory)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(names)}\n`);
  renameSync(draft, fileOf(directory));
}

/** Ends all failures: what failed recovers. */
export function clearFailures(directory: string): void {
  rmSync(fileOf(directory), { force: true });
}

/** The failures in force; none when the file is absent or cannot be read. */
export function readFailures(directory: string): ReadonlySet<InjectedFailure> {
  try {
    const names: unknown = JSON.parse(readFileSync(fileOf(directory), "utf8"));
    return new Set(FAILURES.filter((name) => Array.isArray(names) && names.includes(name)));
  } catch {
    return new Set();
  }
}
