/** Is Prism Central reached, believed and logged in to? One call answers five questions: where it ends is where the fault is. */

import { ConnectionError, STAGES, type Stage } from "../../../prism-central/connection-error.ts";
import { answer, Inconclusive, type StackCheck } from "../../check.ts";
import type { PrismCentral } from "../sessions.ts";
import { ofEach } from "./for-each.ts";

export const prismCentralNameResolves = connectionCheck(
  { id: "prism-central-name-resolves", asks: "does the name of Prism Central resolve?" },
  "name",
  ({ session }) =>
    session.proxy() === undefined
      ? `${session.place} resolves`
      : `${session.place} is resolved by the proxy ${session.proxy()}`,
);

export const prismCentralPortAnswers = connectionCheck(
  { id: "prism-central-port-answers", asks: "does the port of Prism Central answer, and speak TLS?" },
  "port",
  ({ session }) => `${session.place} answers${through(session.proxy())}`,
);

export const prismCentralCertificateIsTrusted = connectionCheck(
  {
    id: "prism-central-certificate-is-trusted",
    asks: "is its certificate signed by a CA of the trust bundle that the clusters will be given, and in date?",
  },
  "chain",
  ({ session, target }) => {
    const by = target.bundle === undefined ? "a public CA" : "the trust bundle or a public CA";
    return `the certificate of ${session.place} is trusted by ${by}`;
  },
);

export const prismCentralHostNameMatches = connectionCheck(
  { id: "prism-central-host-name-matches", asks: "is its certificate for the address that the stack file names?" },
  "host",
  ({ session, target }) => `the certificate of ${session.place} is for ${target.address}`,
);

export const prismCentralAuthenticationSucceeds = connectionCheck(
  { id: "prism-central-authentication-succeeds", asks: "does Prism Central accept each login?" },
  "login",
  ({ session, target }) => `${session.place} accepts credentials.${target.entry}`,
);

function through(proxy: string | undefined): string {
  return proxy === undefined ? "" : `, through the proxy ${proxy}`;
}

function connectionCheck(
  described: Pick<StackCheck, "id" | "asks">,
  stage: Stage,
  good: (prismCentral: PrismCentral) => string,
): StackCheck {
  const about = answer(described.id);
  return {
    ...described,
    scope: "stack",
    run: (context) =>
      ofEach(context, described.id, async (prismCentral) => {
        if (prismCentral.target.insecure && (stage === "chain" || stage === "host")) {
          const found = `${prismCentral.session.place}: insecure: true skips the check`;
          return [about.unknown(found, "take insecure out, and name its CA in trustBundle")];
        }
        try {
          await prismCentral.session.hello();
          return [about.pass(good(prismCentral))];
        } catch (error) {
          if (error instanceof ConnectionError && isOf(error.stage, stage))
            return [about.fail(error.message, error.mend)];
          const isPast = error instanceof ConnectionError && reached(error.stage) > STAGES.indexOf(stage);
          if (isPast) return [about.pass(good(prismCentral))];
          if (!(error instanceof Inconclusive)) throw error;
          return [
            about.unknown(`not asked: ${error.message}`, error instanceof ConnectionError ? error.mend : error.remedy),
          ];
        }
      }),
  };
}

/** Whether a check tells of a stage: a proxy that does not take part keeps the port from answering. */
function isOf(broken: Stage, stage: Stage): boolean {
  return broken === stage || (broken === "proxy" && stage === "port");
}

/** The place in the order up to which everything is known to be well. A connection that was cut tells nothing of certificates. */
function reached(stage: Stage): number {
  return STAGES.indexOf(stage === "answer" ? "chain" : stage);
}
