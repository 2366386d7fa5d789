import { answer, type Context, type Finding, NotKnown } from "../../check.ts";
import type { PrismCentral } from "../sessions.ts";

/**
 * Findings of a check about every Prism Central, each told once: two logins of one address have one name and one port.
 * What cannot be asked of one hides nothing of the others.
 */
export async function ofEach(
  { prismCentrals }: Context,
  check: string,
  ask: (prismCentral: PrismCentral) => Promise<Finding[]>,
): Promise<Finding[]> {
  const findings = await Promise.all(
    prismCentrals.all.map((one) =>
      ask(one).catch((error: unknown): Finding[] => {
        if (error instanceof NotKnown) return [answer(check).unknown(error.message, error.remedy)];
        throw error;
      }),
    ),
  );
  const told = new Set<string>();
  return findings.flat().filter(({ verdict, found }) => {
    const key = `${verdict} ${found}`;
    return !told.has(key) && told.add(key);
  });
}
