import { createWriteStream, existsSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import type { KubernetesClient } from "../../../kubernetes/client.ts";
import type { ObjectReference } from "../../../kubernetes/object.ts";
import { freePorts } from "../../../sandbox/cluster/ports.ts";
import { connectSandbox } from "../../../sandbox/cluster/settle.ts";
import { serverCertificates } from "../../../sandbox/controllers/webhook-certificates.ts";
import { type Crd, crdFolder, PROJECT, readCrds, standInCrds } from "../../../sandbox/crds.ts";
import { SANDBOX_TOOLS } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../../../sandbox/sandbox-cluster.ts";
import { MANIFESTS } from "../../../sandbox/tools/build.ts";
import type { ClusterApiTool } from "../../../sandbox/tools/catalog.ts";
import type { Line } from "../../integration/charts/helm-template.ts";
import { eventually } from "../../support/eventually.ts";
import { requireTools } from "../../support/skip.ts";
import { establish } from "../charts/start-api-server.ts";

const KCM: Record<Line, string> = { "1.2": "1.2.0", "1.11": "1.11.4" };
const TOOLS: Record<Line, ClusterApiTool> = { "1.2": "cluster-api-1.10", "1.11": "cluster-api-1.13" };
const PROVIDERS = /^(infrastructure|bootstrap|controlplane)\.cluster\.x-k8s\.io$/;

export interface ClusterApi {
  client: KubernetesClient;
  kubeconfig: string;
  /** Path of Helm, and a folder for what it writes. */
  helm: string;
  directory: string;
  /** Like "cluster-api-1.10 with released definitions". */
  what: string;
  stop(): Promise<void>;
}

interface Webhooks extends ObjectReference {
  webhooks: { clientConfig: { service: { path: string } } }[];
}

/** A management cluster with Cluster API's manager of a line, its admission and conversion webhooks, and the definitions of k0smotron and CAPX. */
export async function startClusterApi(context: Mocha.Context, line: Line): Promise<ClusterApi> {
  const tool = TOOLS[line];
  const tools = await requireTools(context, [...SANDBOX_TOOLS, tool]);
  const name = `conformance-${line.replace(".", "-")}-${process.pid}`;
  const directory = join(PROJECT, ".local/sandbox", name);
  const { kubeconfig } = await createSandbox({ name, directory, tools, kcmVersion: KCM[line], controllers: false });
  const client = await connectSandbox(kubeconfig);
  const { apiServer: port, etcd: health } = await freePorts();
  const certificates = join(directory, "webhooks");
  await mkdir(certificates);
  const { ca, cert, key } = await serverCertificates({ helm: tools.helm, directory: certificates });
  await writeFile(join(certificates, "tls.crt"), cert);
  await writeFile(join(certificates, "tls.key"), key);
  const at = (path: string) => ({
    url: `https://127.0.0.1:${port}${path}`,
    caBundle: Buffer.from(ca).toString("base64"),
  });

  const folder = dirname(realpathSync(tools[tool]));
  const released = crdFolder(KCM[line]);
  const provided = (released ? await readCrds(released) : standInCrds(KCM[line])).filter(({ spec }) =>
    PROVIDERS.test(spec.group),
  );
  const clientConfig = at("/convert");
  const webhook = { conversionReviewVersions: ["v1"], clientConfig };
  const own = (await readCrds(folder)).map((crd) => ({
    ...crd,
    spec: { ...crd.spec, conversion: { strategy: "Webhook", webhook } },
  }));

  let manager: ReturnType<typeof startManager> | undefined;
  const log = join(directory, "cluster-api.log");
  const stop = async () => {
    manager?.kill();
    await manager;
    await deleteSandbox(directory);
  };
  try {
    await establish(client, [...own, ...provided.map((crd) => withContracts(crd, line))]);
    manager = startManager(tools[tool], { kubeconfig, port, health, certificates, log });
    await eventually("Cluster API is ready", () =>
      fetch(`http://127.0.0.1:${health}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    for (const document of parseAllDocuments(readFileSync(join(folder, MANIFESTS), "utf8"))) {
      const object = document.toJS() as Webhooks;
      if (!object.kind.endsWith("WebhookConfiguration")) continue;
      const webhooks = object.webhooks.map((one) => ({ ...one, clientConfig: at(one.clientConfig.service.path) }));
      await client.apply(Object.assign(object, { webhooks }));
    }
  } catch (error) {
    const lines = (existsSync(log) ? readFileSync(log, "utf8") : "").trimEnd().split("\n").slice(-20);
    await stop();
    throw new Error(`${(error as Error).message}; Cluster API says:\n${lines.join("\n")}`, { cause: error });
  }
  return {
    client,
    kubeconfig,
    helm: tools.helm,
    directory,
    what: `${tool} with ${released ? "released" : "stand-in"} definitions`,
    stop,
  };
}

function startManager(
  path: string,
  at: { kubeconfig: string; port: number; health: number; certificates: string; log: string },
) {
  const manager = execa(
    path,
    [
      ...["--kubeconfig", at.kubeconfig, "--feature-gates", "ClusterTopology=true", "--v", "1"],
      ...["--webhook-port", `${at.port}`, "--webhook-cert-dir", at.certificates],
      ...["--health-addr", `127.0.0.1:${at.health}`, "--insecure-diagnostics", "--diagnostics-address", "0"],
      ...["--kube-api-qps", "500", "--kube-api-burst", "1000"],
    ],
    { reject: false, all: true, buffer: false, forceKillAfterDelay: 2_000 },
  );
  manager.all.pipe(createWriteStream(at.log));
  return manager;
}

/** The labels by which Cluster API finds the versions that keep its contracts, as the releases have them. */
function withContracts(crd: Crd, line: Line): Crd {
  const isK0smotron = !crd.spec.group.startsWith("infrastructure");
  const labels = {
    "cluster.x-k8s.io/v1beta1": "v1beta1",
    ...(isK0smotron && line === "1.11" ? { "cluster.x-k8s.io/v1beta2": "v1beta2" } : {}),
  };
  return { ...crd, metadata: { ...crd.metadata, labels: { ...crd.metadata.labels, ...labels } } };
}
