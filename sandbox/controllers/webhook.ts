import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { type AdmissionRequest, review } from "./admission.ts";
import type { AdmissionCaches } from "./admission-denial.ts";
import type { Certificates } from "./webhook-certificates.ts";

const NAME = "kcm-validating-webhook-configuration";
const PATH = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${NAME}`;

/** The kinds that kcm validates, and when. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  clusterdeployments: ["CREATE", "UPDATE"],
  managements: ["CREATE", "UPDATE", "DELETE"],
  clustertemplates: ["DELETE"],
  providertemplates: ["DELETE"],
  clustertemplatechains: ["CREATE"],
  servicetemplatechains: ["CREATE"],
  servicetemplates: ["DELETE"],
  multiclusterservices: ["CREATE", "UPDATE"],
  releases: ["DELETE"],
};

export interface WebhookOptions {
  client: KubernetesClient;
  certificates: Certificates;
  caches: AdmissionCaches;
  /** Waits until the caches show what was just written. */
  resync: () => Promise<void>;
  log: (line: string) => void;
}

/** kcm's admission, served on this machine and known to the API server while it is registered. */
export class Webhook {
  private readonly options: WebhookOptions;
  private readonly server: Server;
  private registered: boolean | undefined;

  constructor(options: WebhookOptions) {
    this.options = options;
    const { cert, key } = options.certificates;
    this.server = createServer({ cert, key }, (request, response) => {
      void json(request)
        .then((body) => this.answer(body as { request: AdmissionRequest }))
        .then((body) => response.writeHead(200, { "content-type": "application/json" }).end(body));
    });
  }

  /** Starts to listen, on a free port of this machine. */
  async listen(): Promise<void> {
    await once(this.server.listen(0, "127.0.0.1"), "listening");
  }

  /** Adds the webhook to the API server, or removes it. */
  async register(wanted: boolean): Promise<void> {
    if (this.registered === wanted) return;
    const { client, log } = this.options;
    if (wanted) await client.apply(this.configuration());
    else await client.delete(PATH);
    this.registered = wanted;
    log(wanted ? "admission webhook registered" : "admission webhook not registered");
  }

  get isRegistered(): boolean {
    return this.registered ?? false;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer({ request }: { request: AdmissionRequest }): Promise<string> {
    const { caches, resync, log } = this.options;
    // A denial may rest on caches that do not show yet what was just written.
    const denial = review(caches, request) && (await resync().then(() => review(caches, request)));
    if (denial) log(`denied ${request.operation} ${request.kind.kind}: ${denial.code} ${denial.message}`);
    const response = denial
      ? {
          uid: request.uid,
          allowed: false,
          status: { code: denial.code, reason: denial.reason, message: denial.message },
          ...(denial.warning ? { warnings: [denial.warning] } : {}),
        }
      : { uid: request.uid, allowed: true };
    return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
  }

  private configuration() {
    const { port } = this.server.address() as AddressInfo;
    const caBundle = Buffer.from(this.options.certificates.ca).toString("base64");
    return {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: NAME },
      webhooks: Object.entries(RULES).map(([plural, operations]) => ({
        name: `validation.${plural.slice(0, -1)}.k0rdent.mirantis.com`,
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy: "Fail",
        matchPolicy: "Equivalent",
        timeoutSeconds: 10,
        clientConfig: { url: `https://127.0.0.1:${port}/validate-${plural}`, caBundle },
        rules: [
          {
            apiGroups: ["k0rdent.mirantis.com"],
            apiVersions: ["v1beta1"],
            operations,
            resources: [plural],
            scope: "*",
          },
        ],
      })),
    };
  }
}
