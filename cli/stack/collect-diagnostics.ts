import { connect } from "node:net";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { conditionOf } from "../../kubernetes/conditions.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Redact } from "../../kubernetes/redact.ts";
import { secretTexts } from "../../kubernetes/secret-texts.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import {
  type ContainerLog,
  type DiagnosisInput,
  type EndpointProbe,
  objectsOf,
} from "../../operations/diagnoses/input.ts";
import { endpointOf } from "../../operations/diagnoses/network.ts";
import { containersOf, partOf } from "../../operations/logs.ts";
import { shownLists, shownSnapshot } from "../../operations/shown-texts.ts";
import { readAdditionalObjects, readSnapshot } from "../../operations/snapshot.ts";
import { printableLine } from "../../policy/rules/printable.ts";
import type { ClusterTarget } from "./target.ts";

/** Everything that the diagnoses read. */
export interface Diagnostics {
  readonly input: DiagnosisInput;
  /** Removes secrets from a text. */
  readonly redact: Redact;
  /** What could not be read, one sentence each. */
  readonly missing: readonly string[];
}

/** Lines of each log. */
const TAIL = 500;
/** Maximum number of probed endpoints, and the timeout of each, in milliseconds. */
const PROBES = 50;
const PROBE_MS = 2_000;

/**
 * Reads everything that the diagnoses need. Changes nothing.
 *
 * @throws Failure where the management cluster does not answer.
 */
export async function collectDiagnostics({ client, planned, identity }: ClusterTarget): Promise<Diagnostics> {
  const [snapshot, additional, { redact, isReadable }] = await Promise.all([
    readSnapshot(client),
    readAdditionalObjects(client),
    secretTexts(client, NAMESPACE),
  ]);
  const missing: string[] = [];
  if (!isReadable) missing.push("Secrets could not be read: only text that looks like a secret is redacted");
  const bare: DiagnosisInput = {
    snapshot: shownSnapshot(snapshot, redact),
    additional: shownLists(additional, redact),
    logs: [],
    probes: [],
    planned: identity === undefined ? undefined : planned,
  };
  const [logs, probes] = await Promise.all([
    readLogs(client, { pods: objectsOf(bare, "Pod"), missing, redact }),
    probeEndpoints(bare),
  ]);
  return { input: { ...bare, logs, probes }, redact, missing };
}

/** A key of several lines is known as one text: each log is redacted before it is cut into lines. */
async function readLogs(
  client: KubernetesClient,
  {
    pods,
    missing,
    redact,
  }: { readonly pods: readonly KubernetesObject[]; readonly missing: string[]; readonly redact: Redact },
): Promise<ContainerLog[]> {
  const wanted = pods.flatMap((pod) => {
    const part = partOf(pod);
    return part === undefined ? [] : containersOf(pod).map((container) => ({ pod, part, container }));
  });
  const silent: string[] = [];
  const logs = await Promise.all(
    wanted.map(async ({ pod, part, container }): Promise<ContainerLog[]> => {
      const { name, namespace } = pod.metadata;
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?container=${container}&tailLines=${TAIL}`;
      const { code, text } = await client.request({ path, accept: "*/*" });
      if (code === 200)
        return [{ pod: name, part, lines: redact(text).split("\n").filter(Boolean).map(printableLine) }];
      silent.push(name);
      return [];
    }),
  );
  if (silent.length > 0) missing.push(`logs of ${[...new Set(silent)].join(", ")} could not be read`);
  return logs.flat();
}

/** Connects to the endpoints of clusters that are not ready. */
function probeEndpoints(input: DiagnosisInput): Promise<EndpointProbe[]> {
  const unready = objectsOf(input, "Cluster").filter((cluster) => conditionOf(cluster, "Ready")?.status !== "True");
  const addresses = [...new Set(unready.flatMap((cluster) => endpointOf(input, cluster) ?? []))].slice(0, PROBES);
  return Promise.all(addresses.map(probe));
}

function probe(address: string): Promise<EndpointProbe> {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ""), port: Number(port), timeout: PROBE_MS });
    const end = (error?: string) => {
      socket.destroy();
      resolve(error === undefined ? { address } : { address, error });
    };
    socket.once("connect", () => end());
    socket.once("timeout", () => end(`no connection within ${PROBE_MS / 1000} s`));
    socket.once("error", (error) => end(error.message));
  });
}
