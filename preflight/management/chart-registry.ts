/** Whether a chart is in its registry: asked as Helm asks, without a login. */
import { toConnectionError } from "../../prism-central/connection-error.ts";
import { proxiedAgent } from "../../prism-central/proxied-agent.ts";
import { describeConnectionError } from "./connection-errors.ts";

export interface ChartAnswer {
  readonly verdict: "pass" | "fail" | "unknown";
  readonly found: string;
  readonly remedy: string;
}

export interface ChartQuestion {
  /** `oci://registry/path/chart`, or `https://…/chart-1.0.0.tgz`. */
  readonly chart: string;
  readonly version: string;
  /** Who will read it: Helm on this machine, or Flux in the management cluster. */
  readonly by: "Helm" | "Flux";
  readonly signal: AbortSignal;
}

interface Reply {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const MANIFESTS = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"].join(", ");
const TRUST = {
  by: "what this machine trusts",
  remedy: "have this machine trust that CA: NODE_EXTRA_CA_CERTS for this program, SSL_CERT_FILE for Helm",
};
/** Seconds for one call. */
const DEADLINE = 10;

/** Asks for the chart's manifest; where the registry wants a token, for one that anybody gets. */
export async function chartThere({ chart, version, by, signal }: ChartQuestion): Promise<ChartAnswer> {
  const url = addressOf(chart, version);
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE * 1000)]);
  try {
    const first = await head(url, bounded);
    const token = first.code === 401 ? await anonymousToken(first, bounded) : undefined;
    return judged(token === undefined ? first : await head(url, bounded, token), {
      chart,
      version,
      by,
      host: url.host,
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (bounded.aborted) {
      const remedy = "open a way from this machine: firewall, proxy; or set another chart source";
      return { verdict: "fail", found: `${url.host} does not answer within ${DEADLINE} s`, remedy };
    }
    const { found, remedy } = describeConnectionError(error, { server: url.origin, trust: TRUST });
    return { verdict: "fail", found, remedy: `${remedy}; or set another chart source` };
  }
}

function judged(
  { code }: Reply,
  { chart, version, by, host }: Omit<ChartQuestion, "signal"> & { readonly host: string },
): ChartAnswer {
  if (code >= 200 && code < 400) return { verdict: "pass", found: `${host} has ${chart} ${version}`, remedy: "" };
  if (code === 404) {
    const found = `${host} has no ${chart} ${version}`;
    return { verdict: "fail", found, remedy: "correct the address or the version" };
  }
  if (code === 401 || code === 403) {
    const found = `${host} wants a login for ${chart}, and the stack file has no place for one`;
    return { verdict: "unknown", found, remedy: loginRemedy(by, { chart, version, host }) };
  }
  const found = `${host} answered ${code} when asked for ${chart}`;
  return { verdict: "fail", found, remedy: "wait until the registry is well, or set another chart source" };
}

/** Helm may have a login of its own, which is nobody else's to read; Flux is given none by this project's charts. */
function loginRemedy(
  by: ChartQuestion["by"],
  { chart, version, host }: Record<"chart" | "version" | "host", string>,
): string {
  if (by === "Flux") {
    return "let it be read without a login, or leave capx.chartRepository out: the charts are then served from inside";
  }
  const seen = `see that it suffices: helm show chart ${chart} --version ${version}`;
  return chart.startsWith("oci://")
    ? `give Helm one: helm registry login ${host}; ${seen}`
    : `take an oci:// address, or a folder with the chart in it; ${seen}`;
}

function addressOf(chart: string, version: string): URL {
  if (!chart.startsWith("oci://")) return new URL(chart);
  const [host = "", ...path] = chart.slice("oci://".length).split("/");
  // A tag has no plus.
  return new URL(`https://${host}/v2/${path.join("/")}/manifests/${version.replaceAll("+", "_")}`);
}

function head(url: URL, signal: AbortSignal, token?: string): Promise<Reply> {
  const login = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return ask(url, { method: "HEAD", headers: { accept: MANIFESTS, ...login }, signal });
}

/** A token for pulling that the registry gives to anybody; undefined where it gives none. */
async function anonymousToken({ headers }: Reply, signal: AbortSignal): Promise<string | undefined> {
  const challenge = String(headers["www-authenticate"] ?? "");
  const parts = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const { realm, service, scope } = parts as { realm?: string; service?: string; scope?: string };
  if (!challenge.startsWith("Bearer ") || !realm?.startsWith("https://")) return undefined;
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  if (scope !== undefined) url.searchParams.set("scope", scope);
  const { code, text } = await ask(url, { method: "GET", headers: {}, signal });
  if (code !== 200) return undefined;
  const { token, access_token: other } = JSON.parse(text) as { token?: string; access_token?: string };
  return token ?? other;
}

/** One call, through the proxy that the environment names. */
async function ask(
  url: URL,
  { method, headers, signal }: { method: "GET" | "HEAD"; headers: Record<string, string>; signal: AbortSignal },
): Promise<Reply> {
  const { request } = await import("undici");
  const { dispatcher, proxy } = await proxiedAgent();
  try {
    const reply = await request(url, { method, headers, signal, dispatcher });
    return { code: reply.statusCode, headers: reply.headers, text: await reply.body.text() };
  } catch (error) {
    throw signal.aborted ? error : toConnectionError(error, `${url.hostname}:${url.port || "443"}`, proxy());
  } finally {
    // Nobody waits for what is still under way.
    void dispatcher.destroy().catch(() => undefined);
  }
}
