import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KubeObject } from "./client.ts";
import { render } from "./helm.ts";

export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

/** Helm can issue certificates and is here anyway; Node cannot, and needs a library for it. */
const TEMPLATE = `{{ $ca := genCA "k0rdent-nutanix-sandbox" 3650 }}
{{ $server := genSignedCert .Values.name (list "127.0.0.1") (list "localhost" .Values.name) 3650 $ca }}
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
  /** Name of the server, beside localhost and 127.0.0.1. @default "127.0.0.1" */
  readonly name?: string;
}

/** A certificate for a server of this machine with a CA of its own, made once a folder. */
export async function serverCertificates({
  helm,
  directory,
  name = "127.0.0.1",
}: CertificateRequest): Promise<Certificates> {
  const file = join(directory, "certificates.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Certificates;
  const chart = join(directory, "certificates");
  await mkdir(join(chart, "templates"), { recursive: true });
  await writeFile(join(chart, "Chart.yaml"), "{apiVersion: v2, name: certificates, version: 1.0.0}\n");
  await writeFile(join(chart, "templates", "certificates.yaml"), TEMPLATE);
  const [made] = await render({
    helm,
    chart,
    release: "sandbox",
    namespace: "default",
    values: { name },
    directory,
  });
  await rm(chart, { recursive: true });
  const { data } = made as KubeObject & { data: Certificates };
  await writeFile(file, JSON.stringify(data), { mode: 0o600 });
  return data;
}
