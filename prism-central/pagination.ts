/** Lists of Prism Central, page by page. */
import { at, integer, list } from "./answer.ts";
import { PrismCentralError } from "./prism-central-error.ts";
import type { PrismSession } from "./session.ts";

/** The most that both APIs return in one page. */
const PAGE = 100;

/** All entities of a v4 list. `what` is in the plural. */
export function listV4(session: PrismSession, what: string, path: string): Promise<unknown[]> {
  const query = `${path}${path.includes("?") ? "&" : "?"}`;
  return allPages(session, what, (number) => session.get(what, `${query}$page=${number}&$limit=${PAGE}`));
}

/** All projects, which have no v4 API: CAPX reads them by v3 too. */
export function listProjectsV3(session: PrismSession): Promise<unknown[]> {
  const path = "/api/nutanix/v3/projects/list";
  return allPages(session, "projects", (number) =>
    session.list("projects", path, { kind: "project", length: PAGE, offset: number * PAGE }),
  );
}

/** The first page has the total; the others are requested in parallel. */
async function allPages(
  { address }: PrismSession,
  what: string,
  read: (number: number) => Promise<unknown>,
): Promise<unknown[]> {
  const page = async (number: number) => {
    const body = await read(number);
    if (body !== undefined)
      return { items: list(at(body, "data") ?? at(body, "entities")), metadata: at(body, "metadata") };
    const missing = number === 0 ? `list of ${what}` : `page ${number + 1} of ${what}`;
    throw new PrismCentralError(`${address} has no ${missing}`);
  };
  const first = await page(0);
  const reported = integer(at(first.metadata, "totalAvailableResults") ?? at(first.metadata, "total_matches"));
  const total = reported ?? first.items.length;
  const more = Array.from({ length: Math.max(0, Math.ceil(total / PAGE) - 1) }, (_, index) => page(index + 1));
  const items = [first, ...(await Promise.all(more))].flatMap((one) => one.items);
  if (items.length >= total) return items;
  throw new PrismCentralError(`${address} reports ${total} ${what} and returns ${items.length}`, "run it again");
}
