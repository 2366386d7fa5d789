/** Where a connection fails, classified by the error alone: each stage has its own remedy. */
import { PrismCentralError } from "./prism-central-error.ts";
import { ProxyError } from "./proxied-agent.ts";

/** In the order in which a connection passes them. */
export const STAGES = ["proxy", "dns", "port", "certificate", "hostName", "login", "response"] as const;
export type ConnectionStage = (typeof STAGES)[number];

/** A server that does not answer, and the stage at which the connection failed. The message names the address and never a login. */
export class ConnectionError extends PrismCentralError {
  readonly stage: ConnectionStage;
  /** Shown once, by the check of that stage, and not by every check that needs the connection. */
  readonly fix: string;

  constructor(stage: ConnectionStage, reason: string, fix: string) {
    super(reason);
    this.name = "ConnectionError";
    this.stage = stage;
    this.fix = fix;
  }
}

const UNTRUSTED = "is signed by a CA that is not in the trust bundle";
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed, and is not in the trust bundle",
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "is signed by a CA that is neither in its chain nor in the trust bundle",
  CERT_SIGNATURE_FAILURE: "has an invalid signature",
  CERT_REVOKED: "is revoked",
  INVALID_CA: "is signed by a certificate that is not a CA",
  INVALID_PURPOSE: "is not valid for a server",
};

const TIMEOUT = ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_ABORTED"];
const DNS = ["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL"];
const CONNECT: Readonly<Record<string, string>> = {
  ECONNREFUSED: "is refused",
  EHOSTUNREACH: "fails: no route to the host",
  ENETUNREACH: "fails: no route to the network",
  ETIMEDOUT: "times out",
  UND_ERR_CONNECT_TIMEOUT: "times out",
};

/** Classifies an error of the HTTP client. `address` is `host:port`, `proxy` that of the proxy in use, if there is one. */
export function toConnectionError(error: unknown, address: string, proxy?: string): ConnectionError {
  const { code, names } = details(error);
  const proxyError = proxy === undefined ? undefined : toProxyError(error, { code, address, proxy });
  if (proxyError !== undefined) return proxyError;
  const host = address.replace(/:\d+$/, "");
  if (DNS.includes(code)) {
    const fix = "correct the address, or the DNS of this machine";
    return new ConnectionError("dns", `${host} does not resolve (${code})`, fix);
  }
  if (CONNECT[code] !== undefined) {
    const fix = "correct the address and port, open the firewall, or set a proxy in HTTPS_PROXY";
    return new ConnectionError("port", `the connection to ${address} ${CONNECT[code]} (${code})`, fix);
  }
  if (CERTIFICATE[code] !== undefined) {
    const fix = code.startsWith("CERT_")
      ? "renew Prism Central's certificate"
      : "add the CA that signed it to the trust bundle, as PEM";
    return new ConnectionError("certificate", `the certificate of ${address} ${CERTIFICATE[code]} (${code})`, fix);
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const reason = `the certificate of ${address} is for ${names ?? "other names"}, not for ${host}`;
    return new ConnectionError("hostName", reason, "use a name of the certificate, or issue one for this name");
  }
  if (code.startsWith("ERR_SSL") || code === "EPROTO") {
    return new ConnectionError("port", `${address} does not use TLS (${code})`, "set Prism Central's port, 9440");
  }
  if (TIMEOUT.includes(code)) {
    const reason = `${address} accepts a request and does not respond in time`;
    return new ConnectionError("response", reason, "check the load of Prism Central");
  }
  const fix = "check the network between this machine and the server";
  return new ConnectionError("response", `${address} closes the connection (${code})`, fix);
}

/** An error of the proxy; undefined where the proxy works. */
function toProxyError(
  error: unknown,
  { code, address, proxy }: { code: string; address: string; proxy: string },
): ConnectionError | undefined {
  const [, status] = /^Proxy response \((\d+)\)/.exec(error instanceof Error ? error.message : "") ?? [];
  const failed = (reason: string, fix: string) => new ConnectionError("proxy", `the proxy ${proxy} ${reason}`, fix);
  if (status === "407") {
    return failed("requires a login (407)", "set it in HTTPS_PROXY: http://user:password@host:port");
  }
  if (status !== undefined) {
    const reason = status === "403" ? "does not allow this machine to connect to" : "cannot connect to";
    return failed(`${reason} ${address} (${status})`, `allow ${address} on the proxy, or add it to NO_PROXY`);
  }
  if (!(error instanceof ProxyError)) return undefined;
  const fix = "start the proxy, correct HTTPS_PROXY, or add the address to NO_PROXY";
  if (TIMEOUT.includes(code)) return failed("accepts a request and does not respond in time", fix);
  if (code === "UND_ERR_SOCKET" || code === "ECONNRESET") return failed("closes the connection", fix);
  if (DNS.includes(code)) return failed(`does not resolve (${code})`, fix);
  return failed(`is not reachable: the connection ${CONNECT[code] ?? "fails"} (${code})`, fix);
}

/** The code of an error or of its cause, and the names in a certificate that does not match. */
function details(error: unknown): { code: string; names?: string } {
  if (typeof error !== "object" || error === null) return { code: "no code" };
  if (error instanceof AggregateError && error.errors.length > 0) return details(error.errors[0]);
  const { code, cause, cert } = error as { code?: unknown; cause?: unknown; cert?: { subjectaltname?: unknown } };
  if (typeof code !== "string" || code === "UND_ERR") return cause === undefined ? { code: "no code" } : details(cause);
  const names = cert?.subjectaltname;
  if (typeof names !== "string") return { code };
  return { code, names: names.replaceAll("DNS:", "").replaceAll("IP Address:", "") };
}
