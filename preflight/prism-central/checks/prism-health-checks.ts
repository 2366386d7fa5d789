/** Does this Prism Central work with CAPX, and may the user read what CAPX reads? */
import { compareMinors, minorOf } from "../../../policy/rules/versions.ts";
import type { PrismInventory } from "../../../prism-central/inventory.ts";
import { ForbiddenError } from "../../../prism-central/prism-central-error.ts";
import { FIRST_WITH_V4, isAtLeast } from "../../../prism-central/prism-version.ts";
import { type Check, fail, inconclusive, pass } from "../../check.ts";
import { capxVersionOf, MINIMUM_PRISM_CENTRAL } from "../capx-requirements.ts";

/** Seconds between two clocks before a certificate or a token is not valid yet. */
const MAX_CLOCK_SKEW = 60;

/** What CAPX reads, in the plural, and the permission for it since CAPX 1.8, and before where it differs. */
const READS: readonly [
  what: string,
  read: (inventory: PrismInventory) => Promise<unknown>,
  permission: string,
  before?: string,
][] = [
  ["clusters", (inventory) => inventory.prismElements(), "View Cluster"],
  ["subnets", (inventory) => inventory.subnets(), "View Subnet"],
  ["images", (inventory) => inventory.images(), "View Image"],
  ["projects", (inventory) => inventory.projects(), "View Project"],
  ["virtual machines", (inventory) => inventory.virtualMachines(), "View Virtual Machine"],
  [
    "categories",
    (inventory) => inventory.categoryValues("KubernetesClusterName"),
    "View Category",
    "View Name Category, View Value Category",
  ],
];

export const HEALTH_CHECKS: readonly Check[] = [
  {
    id: "prism-central-version-is-supported",
    description: `Prism Central is as recent as this CAPX requires; one before ${FIRST_WITH_V4} has no v4 API, and works with no CAPX`,
    scope: "Prism Central",
    run: async ({ stack, session }) => {
      const capx = capxVersionOf(stack);
      const minimum = MINIMUM_PRISM_CENTRAL[minorOf(capx)];
      const version = await session.version();
      const runs = `${session.address} runs ${version.text}`;
      if (minimum === undefined) return inconclusive(`${runs}; the version that CAPX ${capx} requires is unknown`);
      const requires = `CAPX ${capx} requires ${minimum}`;
      const isRecent = isAtLeast(version, minimum);
      if (isRecent === undefined) return inconclusive(`${runs}, a build without a version number; ${requires}`);
      if (isRecent) return pass(`${runs}; ${requires} or later`);
      if (isAtLeast(version, FIRST_WITH_V4)) {
        return fail(`${runs}; ${requires} or later`, "upgrade Prism Central, or set an older CAPX in capx.version");
      }
      return fail(`${runs}, which has no v4 API; ${requires} or later`, "upgrade Prism Central");
    },
  },
  {
    id: "prism-central-clock-is-in-sync",
    description: `its clock is within ${MAX_CLOCK_SKEW} s of this machine's`,
    scope: "Prism Central",
    run: async ({ session }) => {
      const { clockAhead } = await session.login();
      if (clockAhead === undefined) return inconclusive(`${session.address} sends no date`);
      const seconds = Math.round(Math.abs(clockAhead) / 1000);
      if (seconds <= MAX_CLOCK_SKEW)
        return pass(`the clock of ${session.address} is in sync within ${MAX_CLOCK_SKEW} s`);
      const side = clockAhead > 0 ? "ahead of" : "behind";
      const message = `the clock of ${session.address} is ${Math.round(seconds / 60)} min ${side} this machine's`;
      return fail(message, "set the time by NTP on both");
    },
  },
  {
    id: "prism-central-reads-are-permitted",
    description: "the user may read what CAPX reads; missing permissions are named",
    scope: "Prism Central",
    run: async ({ stack, session, target, inventory }) => {
      const isOld = compareMinors(minorOf(capxVersionOf(stack)), "1.8") < 0;
      const reads = await Promise.all(
        READS.map(async ([what, read, permission, before]) => {
          const error: unknown = await read(inventory).then(
            () => undefined,
            (error: unknown) => error,
          );
          return { what, permission: isOld ? (before ?? permission) : permission, error };
        }),
      );
      const forbidden = reads.filter(({ error }) => error instanceof ForbiddenError);
      const user = `credentials.${target.entry}`;
      if (forbidden.length > 0) {
        const message = `${session.address} does not permit ${user} to read ${forbidden.map(({ what }) => what).join(", ")}`;
        return fail(message, `add to its role: ${forbidden.map(({ permission }) => permission).join(", ")}`);
      }
      const failed = reads.find(({ error }) => error !== undefined);
      if (failed !== undefined) throw failed.error;
      return pass(`${session.address} permits ${user} to read ${READS.map(([what]) => what).join(", ")}`);
    },
  },
];
