/** Why a server that is no Prism Central is not reached: what was found, and what to do about it. */
import { ConnectionError, type Stage, toConnectionError } from "../../prism-central/connection-error.ts";

export interface ConnectionProblem {
  readonly found: string;
  readonly remedy: string;
}

const REMEDIES: Readonly<Record<Exclude<Stage, "chain" | "proxy">, string>> = {
  name: "correct the name, or the DNS of this machine",
  port: "start it, correct address and port, or open the way from this machine: VPN, firewall, proxy",
  host: "use a name that the certificate has, or have it issued for this one",
  login: "log in again",
  answer: "look at the server, and at what is between here and there",
};

/** What decides about a server's certificate, and what to do where it does not trust it. */
export interface Trust {
  /** Like `the kubeconfig`. */
  readonly by: string;
  readonly remedy: string;
}

/** Words for what Node throws when `server`, an address like https://host:6443, does not answer. */
export function describeConnectionError(
  error: unknown,
  { server, trust }: { server: string; trust: Trust },
): ConnectionProblem {
  const { hostname, port, protocol } = new URL(server);
  const place = `${hostname}:${port || (protocol === "http:" ? "80" : "443")}`;
  const { stage, message, mend } = error instanceof ConnectionError ? error : toConnectionError(error, place);
  if (stage === "proxy") return { found: message, remedy: mend };
  if (stage !== "chain") return { found: message, remedy: REMEDIES[stage] };
  const remedy = message.includes("(CERT_") ? "renew the certificate, or correct this machine's clock" : trust.remedy;
  return { found: message.replace("the trust bundle", trust.by), remedy };
}
