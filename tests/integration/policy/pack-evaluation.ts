import type { PackResource, ValidResources } from "./pack-fixture.ts";
import { type PackServer, startPack, type Violation } from "./pack-server.ts";
import type { PackViolation } from "./pack-violations.ts";

export const ENVIRONMENTS = ["dev", "staging", "production"] as const;

/** A pack per environment, which run during the tests of a describe. */
export function startPacks(): ReadonlyMap<string, PackServer> {
  const packs = new Map<string, PackServer>();
  before(async () => {
    const started = ENVIRONMENTS.map((environment) =>
      startPack(undefined, { "k0rdent-nutanix:environment": environment }),
    );
    for (const [index, server] of (await Promise.all(started)).entries()) packs.set(ENVIRONMENTS[index]!, server);
  });
  after(() => {
    for (const server of packs.values()) server.stop();
  });
  return packs;
}

/**
 * What the pack says in one run of the engine: of each resource, then of all of them; or of the one that is changed alone,
 * where the others change nothing.
 */
export async function evaluate(
  pack: PackServer,
  resources: ValidResources,
  changed?: Pick<PackViolation, "of" | "together">,
): Promise<Violation[]> {
  const all: PackResource[] = Object.values(resources);
  const alone = changed === undefined ? all : [resources[changed.of]];
  const violations = await Promise.all(alone.map((resource) => pack.analyze(resource)));
  return [...violations.flat(), ...(await pack.analyzeStack(changed?.together ? all : alone))];
}
