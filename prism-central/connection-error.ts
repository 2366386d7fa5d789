/** Where a connection to Prism Central ends, told by the error alone: each place has a remedy of its own. */
import { Inconclusive } from "../preflight/check.ts";
import { ProxyFault } from "./proxied-agent.ts";

/** In the order in which a connection meets them. */
export const STAGES = ["proxy", "name", "port", "chain", "host", "login", "answer"] as const;
export type Stage = (typeof STAGES)[number];

/** Prism Central could not be asked, and where it ended. The message names the address and never a login. */
export class ConnectionError extends Inconclusive {
  readonly stage: Stage;
  /** What to do about it: told once, by the check of that stage, and not by every check that cannot be asked. */
  readonly mend: string;

  constructor(stage: Stage, reason: string, mend: string) {
    super(reason);
    this.name = "Broken";
    this.stage = stage;
    this.mend = mend;
  }
}

/** Prism Central knows the user, and does not let it read something. */
export class Forbidden extends Inconclusive {
  /** What may not be read, in the plural: `subnets`. */
  readonly what: string;

  constructor(what: string) {
    super(`the user may not read ${what} (403)`, "see prism-central-reads-are-permitted");
    this.name = "Forbidden";
    this.what = what;
  }
}

const CHAIN: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed, and is not in the trust bundle",
  SELF_SIGNED_CERT_IN_CHAIN: "is signed by a CA that is not in the trust bundle",
  UNABLE_TO_GET_ISSUER_CERT: "is signed by a CA that is not in the trust bundle",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "is signed by a CA that is not in the trust bundle",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "is signed by a CA that is neither sent along nor in the trust bundle",
  CERT_SIGNATURE_FAILURE: "carries a signature that does not match",
  CERT_REVOKED: "was revoked",
  INVALID_CA: "is signed by a certificate that is no CA",
  INVALID_PURPOSE: "is not meant for a server",
};

const SILENT = ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_ABORTED"];
const NO_NAME = ["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL"];
const NO_ROUTE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses the connection",
  EHOSTUNREACH: "cannot be reached: no route to it",
  ENETUNREACH: "cannot be reached: no route to its network",
  ETIMEDOUT: "does not answer",
  UND_ERR_CONNECT_TIMEOUT: "does not answer",
};

/** What an error of the HTTP client means. `place` is `address:port`, `proxy` that of the proxy on the way, if one is. */
export function toConnectionError(error: unknown, place: string, proxy?: string): ConnectionError {
  const { code, names } = described(error);
  const byProxy = proxy === undefined ? undefined : brokenByProxy(error, { code, place, proxy });
  if (byProxy !== undefined) return byProxy;
  const host = place.replace(/:\d+$/, "");
  if (NO_NAME.includes(code)) {
    return new ConnectionError(
      "name",
      `${host} does not resolve (${code})`,
      "mend the address, or the DNS of this machine",
    );
  }
  if (NO_ROUTE[code] !== undefined) {
    const remedy = "mend address and port, open the firewall on the way, or name a proxy in HTTPS_PROXY";
    return new ConnectionError("port", `${place} ${NO_ROUTE[code]} (${code})`, remedy);
  }
  if (CHAIN[code] !== undefined) {
    const remedy = code.startsWith("CERT_")
      ? "renew Prism Central's certificate"
      : "put the CA that signed it into prismCentral.trustBundle, as PEM";
    return new ConnectionError("chain", `the certificate of ${place} ${CHAIN[code]} (${code})`, remedy);
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const found = `the certificate of ${place} is for ${names ?? "other names"}, not for ${host}`;
    return new ConnectionError(
      "host",
      found,
      "write a name that it is for, or give Prism Central a certificate for this one",
    );
  }
  if (code.startsWith("ERR_SSL") || code === "EPROTO") {
    return new ConnectionError("port", `${place} speaks no TLS (${code})`, "write the port of Prism Central, 9440");
  }
  if (SILENT.includes(code)) {
    return new ConnectionError(
      "answer",
      `${place} takes a call and does not answer it in time`,
      "look at Prism Central's load",
    );
  }
  return new ConnectionError(
    "answer",
    `${place} cuts the connection (${code})`,
    "look at what is between here and there",
  );
}

/** What a proxy that does not take part means; undefined where it is not the proxy's fault. */
function brokenByProxy(
  error: unknown,
  { code, place, proxy }: { code: string; place: string; proxy: string },
): ConnectionError | undefined {
  const [, status] = /^Proxy response \((\d+)\)/.exec(error instanceof Error ? error.message : "") ?? [];
  const broken = (found: string, mend: string) => new ConnectionError("proxy", `the proxy ${proxy} ${found}`, mend);
  if (status === "407") {
    return broken("wants a login of its own (407)", "write it into HTTPS_PROXY: http://user:password@host:port");
  }
  if (status !== undefined) {
    const found = status === "403" ? "does not let this machine through to" : "does not reach";
    return broken(`${found} ${place} (${status})`, `have it let ${place} through, or name it in NO_PROXY`);
  }
  const mend = "start it, correct HTTPS_PROXY, or name the address in NO_PROXY";
  if (!(error instanceof ProxyFault)) return undefined;
  if (SILENT.includes(code)) return broken("takes a call and does not answer it in time", mend);
  if (code === "UND_ERR_SOCKET" || code === "ECONNRESET") return broken("cuts the connection", mend);
  if (NO_NAME.includes(code)) return broken(`does not resolve (${code})`, mend);
  return broken(`${NO_ROUTE[code] ?? "cannot be spoken to"} (${code})`, mend);
}

/** The code of an error or of what caused it, and the names in a certificate that is for somebody else. */
function described(error: unknown): { code: string; names?: string } {
  if (typeof error !== "object" || error === null) return { code: "no code" };
  if (error instanceof AggregateError && error.errors.length > 0) return described(error.errors[0]);
  const { code, cause, cert } = error as { code?: unknown; cause?: unknown; cert?: { subjectaltname?: unknown } };
  if (typeof code !== "string" || code === "UND_ERR")
    return cause === undefined ? { code: "no code" } : described(cause);
  const names = cert?.subjectaltname;
  return typeof names === "string"
    ? { code, names: names.replaceAll("DNS:", "").replaceAll("IP Address:", "") }
    : { code };
}
