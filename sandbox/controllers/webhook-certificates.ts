import { mkdir, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { readJson, replaceFile } from "../tools/replace-file.ts";
import { render } from "./helm-renderer.ts";

export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

/** Helm can issue certificates and is here anyway; Node cannot, and needs a library for it. */
const TEMPLATE = `{{ $ca := genCA "k0rdent-nutanix-sandbox" 3650 }}
{{ $server := genSignedCert "localhost" .Values.addresses .Values.names 3650 $ca }}
kind: Certificates
apiVersion: v1
metadata: {name: certificates}
data: {{ dict "ca" $ca.Cert "cert" $server.Cert "key" $server.Key | toJson }}
`;

export interface CertificateRequest {
  /** Absolute path of Helm. */
  readonly helm: string;
  /** Folder that the certificate is kept in. */
  readonly directory: string;
  /** Names and IP addresses of the server, beside localhost and 127.0.0.1. @default none */
  readonly hosts?: readonly string[];
}

/** A certificate for a server of this machine with a CA of its own, created once per folder and recreated for other hosts. */
export async function serverCertificates({ helm, directory, hosts = [] }: CertificateRequest): Promise<Certificates> {
  const all = [...new Set(["localhost", "127.0.0.1", ...hosts])];
  const file = join(directory, "certificates.json");
  const kept = readJson(file) as (Certificates & { hosts: string[] }) | null | undefined;
  if (kept && isDeepStrictEqual(kept.hosts, all)) return kept;
  const chart = join(directory, "certificates");
  await mkdir(join(chart, "templates"), { recursive: true });
  await writeFile(join(chart, "Chart.yaml"), "{apiVersion: v2, name: certificates, version: 1.0.0}\n");
  await writeFile(join(chart, "templates", "certificates.yaml"), TEMPLATE);
  const [made] = await render({
    helm,
    chart,
    release: "sandbox",
    namespace: "default",
    values: {
      addresses: all.filter((host) => isIP(host) !== 0),
      names: all.filter((host) => isIP(host) === 0),
    },
    directory,
  });
  await rm(chart, { recursive: true, force: true });
  const { data } = made as KubernetesObject & { data: Certificates };
  replaceFile(file, JSON.stringify({ ...data, hosts: all }), 0o600);
  return data;
}
