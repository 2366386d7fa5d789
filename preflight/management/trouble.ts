/** Why a server is not reached, as an answer: what was found, and what to do about it. */

export interface Trouble {
  readonly found: string;
  readonly remedy: string;
}

const UNTRUSTED = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
]);
const NO_WAY = new Set(["EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"]);
const CUT = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** Words for what Node throws when `server` does not answer; `trust` is what to change where its certificate is not trusted. */
export function troubleOf(error: unknown, { server, trust }: { server: string; trust: string }): Trouble {
  const code = codeOf(error);
  const { hostname, port } = new URL(server);
  const place = `${hostname}:${port || (server.startsWith("http:") ? "80" : "443")}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const why = code === "EAI_AGAIN" ? "the name service does not answer" : "there is no such name";
    return { found: `${hostname} does not resolve: ${why}`, remedy: "correct the name, or the DNS of this machine" };
  }
  if (code === "ECONNREFUSED") {
    return {
      found: `${place} refuses the connection: nothing listens there`,
      remedy: "start it, or correct address and port",
    };
  }
  if (NO_WAY.has(code)) {
    return {
      found: `there is no way to ${place} (${code})`,
      remedy: "open a way from this machine: VPN, firewall, proxy",
    };
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    const when = code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet";
    return {
      found: `the certificate of ${place} ${when}`,
      remedy: "renew the certificate, or correct the clock of this machine",
    };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      found: `the certificate of ${place} is for another name`,
      remedy: "use a name that the certificate has, or have it issued for this one",
    };
  }
  if (UNTRUSTED.has(code)) return { found: `the certificate of ${place} is not trusted (${code})`, remedy: trust };
  if (CUT.has(code)) {
    return {
      found: `${place} cut the connection`,
      remedy: "look at what stands in between: proxy, balancer, the server's log",
    };
  }
  return { found: `${place} does not answer (${code})`, remedy: "look at the server, and at the way to it" };
}

/** The code of a thrown error, of its cause, or its name: never its text, which may hold a request. */
function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  if ("cause" in error && error.cause !== undefined) return codeOf(error.cause);
  return error instanceof Error ? error.name : "unknown";
}
