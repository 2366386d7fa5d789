/** Is it a Prism Central that CAPX works with, and a user that it works as? */
import { compareMinors, lineOf, minorOf } from "../../../policy/rules/versions.ts";
import { Forbidden } from "../../../prism-central/connection-error.ts";
import type { Inventory } from "../../../prism-central/inventory.ts";
import { FLOORS, isAtLeast } from "../../../prism-central/prism-version.ts";
import type { Stack } from "../../../schema/stack.ts";
import { answer, Inconclusive, type StackCheck } from "../../check.ts";
import { ofEach } from "./for-each.ts";

/** The CAPX that the stack installs, or says is there. */
export function capxOf({ capx, management }: Stack): string {
  const version = capx.version ?? lineOf(management.kcm.version)?.defaultCapx;
  if (version === undefined) throw new Inconclusive("the version of CAPX is not known", "write capx.version");
  return version;
}

export const prismCentralVersionIsSupported: StackCheck = {
  id: "prism-central-version-is-supported",
  asks: "is Prism Central as new as this CAPX asks for?",
  scope: "stack",
  run: (context) =>
    ofEach(context, "prism-central-version-is-supported", async ({ session }) => {
      const about = answer("prism-central-version-is-supported");
      const capx = capxOf(context.stack);
      const floor = FLOORS[minorOf(capx)];
      const version = await session.version();
      const runs = `${session.place} runs ${version.text}`;
      if (floor === undefined) return [about.unknown(`${runs}, and what CAPX ${capx} asks for is not in the table`)];
      const enough = isAtLeast(version, floor);
      if (enough === undefined)
        return [about.unknown(`${runs}, a build without a number; CAPX ${capx} asks for ${floor}`)];
      return enough
        ? [about.pass(`${runs}; CAPX ${capx} asks for ${floor} or later`)]
        : [
            about.fail(
              `${runs}, and CAPX ${capx} asks for ${floor} or later`,
              "update Prism Central, or take a CAPX that asks for less in capx.version",
            ),
          ];
    }),
};

/** Seconds that two clocks may be apart before a certificate or a token is taken for one of tomorrow. */
const CLOCK = 60;

export const prismCentralClockIsInSync: StackCheck = {
  id: "prism-central-clock-is-in-sync",
  asks: `does its clock agree with this machine's within ${CLOCK} s?`,
  scope: "stack",
  run: (context) =>
    ofEach(context, "prism-central-clock-is-in-sync", async ({ session }) => {
      const about = answer("prism-central-clock-is-in-sync");
      const { clockAhead } = await session.hello();
      if (clockAhead === undefined) return [about.unknown(`${session.place} sends no date`)];
      const seconds = Math.round(Math.abs(clockAhead) / 1000);
      if (seconds <= CLOCK) return [about.pass(`the clock of ${session.place} agrees within ${CLOCK} s`)];
      const side = clockAhead > 0 ? "ahead of" : "behind";
      const found = `the clock of ${session.place} is ${Math.round(seconds / 60)} min ${side} this machine's`;
      return [about.fail(found, "set the right time by NTP on the one that is wrong")];
    }),
};

/** What CAPX reads, in the plural, and the permission behind it before and since CAPX 1.8. */
const READS: readonly [
  what: string,
  read: (inventory: Inventory) => Promise<unknown>,
  before: string,
  since: string,
][] = [
  ["clusters", (all) => all.prismElements(), "View Cluster", "View Cluster"],
  ["subnets", (all) => all.subnets(), "View Subnet", "View Subnet"],
  ["images", (all) => all.images(), "View Image", "View Image"],
  ["projects", (all) => all.projects(), "View Project", "View Project"],
  ["virtual machines", (all) => all.virtualMachines(), "View Virtual Machine", "View Virtual Machine"],
  [
    "categories",
    (all) => all.hasCategory("KubernetesClusterName", "none"),
    "View Name Category, View Value Category",
    "View Category",
  ],
];

export const prismCentralReadsArePermitted: StackCheck = {
  id: "prism-central-reads-are-permitted",
  asks: "may the user read what CAPX reads? The permissions that are missing are named",
  scope: "stack",
  run: (context) =>
    ofEach(context, "prism-central-reads-are-permitted", async ({ session, target, inventory }) => {
      const about = answer("prism-central-reads-are-permitted");
      const isNew = compareMinors(minorOf(capxOf(context.stack)), "1.8") >= 0;
      const all = await inventory();
      const tried = await Promise.all(
        READS.map(async ([what, read, before, since]) => {
          const error: unknown = await read(all).then(
            () => undefined,
            (error: unknown) => error,
          );
          return { what, permission: isNew ? since : before, error };
        }),
      );
      const refused = tried.filter(({ error }) => error instanceof Forbidden);
      const user = `credentials.${target.entry}`;
      if (refused.length > 0) {
        const found = `${session.place} does not let ${user} read ${refused.map(({ what }) => what).join(", ")}`;
        return [about.fail(found, `add to its role: ${refused.map(({ permission }) => permission).join(", ")}`)];
      }
      const unclear = tried.find(({ error }) => error !== undefined);
      if (unclear !== undefined) throw unclear.error;
      return [about.pass(`${session.place} lets ${user} read ${READS.map(([what]) => what).join(", ")}`)];
    }),
};
