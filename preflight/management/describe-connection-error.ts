/** Why a server other than Prism Central is not reachable, and what to do about it. */
import { ConnectionError, type ConnectionStage, toConnectionError } from "../../prism-central/connection-error.ts";

export interface DescribedError {
  readonly message: string;
  readonly remedy: string;
}

const REMEDIES: Readonly<Record<Exclude<ConnectionStage, "certificate" | "proxy">, string>> = {
  dns: "correct the name, or the DNS of this machine",
  port: "start the server, correct address and port, or open the firewall, VPN or proxy",
  hostName: "use a name of the certificate, or issue one for this name",
  login: "log in again",
  response: "check the server, and the network in between",
};

/** What trusts a server's certificate, and what to do where it does not. */
export interface TrustSource {
  /** Like `the kubeconfig`. */
  readonly name: string;
  readonly remedy: string;
}

/** Describes what Node throws when `server`, an address like https://host:6443, does not answer. */
export function describeConnectionError(
  error: unknown,
  { server, trust }: { server: string; trust: TrustSource },
): DescribedError {
  const { hostname, port, protocol } = new URL(server);
  const address = `${hostname}:${port || (protocol === "http:" ? "80" : "443")}`;
  const { stage, message, fix } = error instanceof ConnectionError ? error : toConnectionError(error, address);
  if (stage === "proxy") return { message, remedy: fix };
  if (stage !== "certificate") return { message, remedy: REMEDIES[stage] };
  const remedy = message.includes("(CERT_") ? "renew the certificate, or correct this machine's clock" : trust.remedy;
  return { message: message.replace("the trust bundle", trust.name), remedy };
}
