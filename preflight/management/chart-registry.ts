/** Whether a chart exists in its registry: requested as Helm does, without a login. */
import { toConnectionError } from "../../prism-central/connection-error.ts";
import { proxiedAgent } from "../../prism-central/proxied-agent.ts";
import { type CheckOutcome, fail, inconclusive, pass } from "../check.ts";
import { describeConnectionError } from "./describe-connection-error.ts";

export interface ChartRequest {
  /** `oci://registry/path/chart`, or `https://…/chart-1.0.0.tgz`. */
  readonly chart: string;
  readonly version: string;
  /** What reads it: Helm on this machine, or Flux in the management cluster. */
  readonly reader: "Helm" | "Flux";
  readonly signal: AbortSignal;
}

interface RegistryResponse {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const MANIFESTS = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"].join(", ");
const TRUST = {
  name: "what this machine trusts",
  remedy: "add the CA to this machine's: NODE_EXTRA_CA_CERTS for this program, SSL_CERT_FILE for Helm",
};
/** Seconds for one request. */
const TIMEOUT = 10;
const OTHER_SOURCE = "or set another chart source";

/** Requests the chart's manifest; with an anonymous token, where the registry requires one. */
export async function checkRegistry(request: ChartRequest): Promise<CheckOutcome> {
  const { chart, version, signal } = request;
  const url = addressOf(chart, version);
  const either = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT * 1000)]);
  try {
    const first = await head(url, either);
    const token = first.code === 401 ? await anonymousToken(first, either) : undefined;
    const { code } = token === undefined ? first : await head(url, either, token);
    return outcomeOf(code, request, url.host);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (either.aborted) {
      return fail(`${url.host} does not respond within ${TIMEOUT} s`, `open the firewall or proxy; ${OTHER_SOURCE}`);
    }
    const { message, remedy } = describeConnectionError(error, { server: url.origin, trust: TRUST });
    return fail(message, `${remedy}; ${OTHER_SOURCE}`);
  }
}

function outcomeOf(code: number, { chart, version, reader }: ChartRequest, host: string): CheckOutcome {
  if (code >= 200 && code < 400) return pass(`${host} has ${chart} ${version}`);
  if (code === 404) return fail(`${host} has no ${chart} ${version}`, "correct the address or the version");
  if (code !== 401 && code !== 403) {
    return fail(`${host} responds with ${code} for ${chart}`, `wait until the registry is healthy, ${OTHER_SOURCE}`);
  }
  const message = `${host} requires a login for ${chart}, which the stack file cannot hold`;
  if (reader === "Flux") {
    return inconclusive(message, "make it public, or remove capx.chartRepository to use the charts in the cluster");
  }
  // Helm may have a login of its own.
  const login = chart.startsWith("oci://")
    ? `run helm registry login ${host}`
    : "use an oci:// address, or a folder with the chart";
  return inconclusive(message, `${login}, and check it: helm show chart ${chart} --version ${version}`);
}

function addressOf(chart: string, version: string): URL {
  if (!chart.startsWith("oci://")) return new URL(chart);
  const [host = "", ...path] = chart.slice("oci://".length).split("/");
  // A tag has no plus.
  return new URL(`https://${host}/v2/${path.join("/")}/manifests/${version.replaceAll("+", "_")}`);
}

function head(url: URL, signal: AbortSignal, token?: string): Promise<RegistryResponse> {
  const login = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return send(url, { method: "HEAD", headers: { accept: MANIFESTS, ...login }, signal });
}

/** An anonymous token to pull; undefined where the registry issues none. */
async function anonymousToken({ headers }: RegistryResponse, signal: AbortSignal): Promise<string | undefined> {
  const challenge = String(headers["www-authenticate"] ?? "");
  const parts = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const { realm, service, scope } = parts as { realm?: string; service?: string; scope?: string };
  if (!challenge.startsWith("Bearer ") || !realm?.startsWith("https://")) return undefined;
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  if (scope !== undefined) url.searchParams.set("scope", scope);
  const { code, text } = await send(url, { method: "GET", headers: {}, signal });
  if (code !== 200) return undefined;
  const { token, access_token: other } = JSON.parse(text) as { token?: string; access_token?: string };
  return token ?? other;
}

/** One request, through the proxy that the environment names. */
async function send(
  url: URL,
  { method, headers, signal }: { method: "GET" | "HEAD"; headers: Record<string, string>; signal: AbortSignal },
): Promise<RegistryResponse> {
  const { request } = await import("undici");
  const { dispatcher, proxy } = await proxiedAgent();
  try {
    const response = await request(url, { method, headers, signal, dispatcher });
    return { code: response.statusCode, headers: response.headers, text: await response.body.text() };
  } catch (error) {
    throw signal.aborted ? error : toConnectionError(error, `${url.hostname}:${url.port || "443"}`, proxy());
  } finally {
    // Pending requests must not keep the process alive.
    void dispatcher.destroy().catch(() => undefined);
  }
}
