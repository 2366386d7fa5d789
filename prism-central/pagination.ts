/** Lists of Prism Central, page after page. */
import { at, integer, list } from "../policy/rules/plain-values.ts";
import { Inconclusive } from "../preflight/check.ts";
import type { Session } from "./session.ts";

/** The most that both APIs give at once. */
export const PAGE = 100;

/** All entities of a v4 list. `what` is in the plural. */
export function pagesOfV4(session: Session, what: string, path: string): Promise<unknown[]> {
  const joint = path.includes("?") ? "&" : "?";
  return gathered({
    session,
    what,
    page: async (number) => {
      const call = { method: "GET", path: `${path}${joint}$page=${number}&$limit=${PAGE}` } as const;
      const body = await session.ask(what, call);
      if (body === undefined) throw missing(session, what, number);
      return { items: list(at(body, "data")), total: integer(at(body, "metadata", "totalAvailableResults")) };
    },
  });
}

/** All entities of a v3 list. `kind` is as the API says it: `vm`; the list is `/vms/list`. */
export function pagesOfV3(session: Session, what: string, kind: string): Promise<unknown[]> {
  return gathered({
    session,
    what,
    page: async (number) => {
      const call = {
        method: "POST",
        path: `/api/nutanix/v3/${kind}s/list`,
        body: { kind, length: PAGE, offset: number * PAGE },
      } as const;
      const body = await session.ask(what, call);
      if (body === undefined) throw missing(session, what, number);
      return { items: list(at(body, "entities")), total: integer(at(body, "metadata", "total_matches")) };
    },
  });
}

function missing({ place }: Session, what: string, number: number): Inconclusive {
  return new Inconclusive(
    number === 0 ? `${place} has no list of ${what}` : `${place} lacks page ${number + 1} of its ${what}`,
  );
}

interface Pages {
  readonly session: Session;
  readonly what: string;
  page(number: number): Promise<{ items: readonly unknown[]; total: number | undefined }>;
}

/** The first page tells how many there are; the others are asked for side by side. */
async function gathered({ session, what, page }: Pages): Promise<unknown[]> {
  const first = await page(0);
  const total = first.total ?? first.items.length;
  const more = Array.from({ length: Math.max(0, Math.ceil(total / PAGE) - 1) }, (_, index) => page(index + 1));
  const items = [first, ...(await Promise.all(more))].flatMap((one) => one.items);
  if (items.length < total) {
    throw new Inconclusive(`${session.place} tells of ${total} ${what} and gives ${items.length}`, "ask again");
  }
  return items;
}
