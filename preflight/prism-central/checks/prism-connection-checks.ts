/** Is Prism Central reachable, trusted and logged in to? One request answers five checks: the stage at which it ends is the one that fails. */
import { ConnectionError, type ConnectionStage, STAGES } from "../../../prism-central/connection-error.ts";
import { type Check, fail, inconclusive, pass } from "../../check.ts";
import type { PrismCentralClient } from "../clients.ts";

export const CONNECTION_CHECKS: readonly Check[] = [
  connectionCheck(
    { id: "prism-central-name-resolves", description: "the host name of Prism Central resolves" },
    "dns",
    ({ session }) => `${session.address} ${viaProxy(session.proxy(), "is resolved by") || "resolves"}`,
  ),
  connectionCheck(
    { id: "prism-central-port-answers", description: "the port of Prism Central answers, and uses TLS" },
    "port",
    ({ session }) => `${session.address} answers${viaProxy(session.proxy(), ", through")}`,
  ),
  connectionCheck(
    {
      id: "prism-central-certificate-is-trusted",
      description: "its certificate is in date, and signed by a CA of the trust bundle that the clusters get",
    },
    "certificate",
    ({ session, target }) => {
      const by = target.bundle === undefined ? "a public CA" : "the trust bundle or a public CA";
      return `the certificate of ${session.address} is trusted by ${by}`;
    },
  ),
  connectionCheck(
    {
      id: "prism-central-host-name-matches",
      description: "its certificate is for the address in the stack file",
    },
    "hostName",
    ({ session, target }) => `the certificate of ${session.address} is for ${target.address}`,
  ),
  connectionCheck(
    { id: "prism-central-authentication-succeeds", description: "Prism Central accepts each login" },
    "login",
    ({ session, target }) => `${session.address} accepts credentials.${target.entry}`,
  ),
];

function viaProxy(proxy: string | undefined, words: string): string {
  return proxy === undefined ? "" : `${words} the proxy ${proxy}`;
}

function connectionCheck(
  described: Pick<Check, "id" | "description">,
  stage: ConnectionStage,
  passed: (client: PrismCentralClient) => string,
): Check {
  return {
    ...described,
    scope: "Prism Central",
    run: async (client) => {
      const { session, target } = client;
      if (target.insecure && (stage === "certificate" || stage === "hostName")) {
        const remedy = "remove insecure, and add the CA to trustBundle";
        return inconclusive(`${session.address}: insecure: true disables the check`, remedy);
      }
      const error = await session.login().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (error === undefined) return pass(passed(client));
      if (!(error instanceof ConnectionError)) throw error;
      // A proxy that fails keeps the port from answering.
      if (error.stage === stage || (error.stage === "proxy" && stage === "port")) return fail(error.message, error.fix);
      if (lastPassed(error.stage) > STAGES.indexOf(stage)) return pass(passed(client));
      return inconclusive(`not reached: ${error.message}`, error.fix);
    },
  };
}

/** The stages before this one passed. A connection that is closed proves nothing about certificates. */
function lastPassed(stage: ConnectionStage): number {
  return STAGES.indexOf(stage === "response" ? "certificate" : stage);
}
