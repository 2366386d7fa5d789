import { answer, type CheckContext, type CheckResult, Inconclusive } from "../../check.ts";
import type { PrismCentral } from "../sessions.ts";

/**
 * Findings of a check about every Prism Central, each told once: two logins of one address have one name and one port.
 * What cannot be asked of one hides nothing of the others.
 */
export async function ofEach(
  { prismCentrals }: CheckContext,
  check: string,
  ask: (prismCentral: PrismCentral) => Promise<CheckResult[]>,
): Promise<CheckResult[]> {
  const findings = await Promise.all(
    prismCentrals.all.map((one) =>
      ask(one).catch((error: unknown): CheckResult[] => {
        if (error instanceof Inconclusive) return [answer(check).unknown(error.message, error.remedy)];
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
