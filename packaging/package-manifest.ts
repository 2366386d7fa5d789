/** package.json in its two forms: the repository's, and the one that goes into the npm package. */
import { join } from "node:path";

export const PROJECT = join(import.meta.dirname, "..");
export const MANIFEST = join(PROJECT, "package.json");
/** Where the repository's package.json waits while the package's own stands in its place. */
export const KEPT = join(PROJECT, ".local", "packing", "package.json");

type Versions = Readonly<Record<string, string>>;

export interface Manifest {
  readonly dependencies: Versions;
  readonly peerDependencies?: Versions;
  readonly scripts?: Versions;
  readonly bin?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
}

/** What the components do not import: the policy pack and the preflight do. */
const NOT_THEIRS = ["@pulumi/policy", "undici"];

/**
 * The package's manifest. A program pins what it runs with, a package says what it goes with: so Pulumi's SDKs become peers, of
 * which the consumer's program has its own, and Node itself, tools, scripts and the command line stay here.
 */
export function packageManifest(repository: Manifest): Manifest {
  const { scripts: _, bin: __, devDependencies: ___, optionalDependencies: ____, dependencies, ...rest } = repository;
  const needed = Object.entries(dependencies).filter(([name]) => !NOT_THEIRS.includes(name));
  const isPeer = ([name]: [string, string]) => name.startsWith("@pulumi/");
  return {
    ...rest,
    dependencies: Object.fromEntries(needed.filter((entry) => !isPeer(entry))),
    peerDependencies: Object.fromEntries(needed.filter(isPeer).map(([name, version]) => [name, `^${version}`])),
  };
}
