import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type AdmissionCaches, type AdmissionRequest, review } from "./admission.ts";
import { type Client, isGone } from "./client.ts";
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
  releases: ["DELETE"],
};

export interface WebhookOptions {
  client: Client;
  certificates: Certificates;
  caches: AdmissionCaches;
  /** Brings what was written a moment ago into caches. */
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
      let text = "";
      request.setEncoding("utf8");
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        void this.answer(text).then((body) => {
          response.writeHead(200, { "content-type": "application/json" });
          response.end(body);
        });
      });
    });
  }

  /** Starts to listen, on a free port of this machine. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(0, "127.0.0.1", resolve);
    });
  }

  /** Makes the API server ask, or stop asking. */
  async register(wanted: boolean): Promise<void> {
    if (this.registered === wanted) return;
    const { client, log } = this.options;
    if (wanted) await client.apply(PATH, this.configuration());
    else {
      await client.delete(PATH).catch((error) => {
        if (!isGone(error)) throw error;
      });
    }
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

  private async answer(text: string): Promise<string> {
    const { request } = JSON.parse(text) as { request: AdmissionRequest };
    // A refusal may rest on something that was written a moment ago and is not in caches yet.
    let refusal = review(this.options.caches, request);
    if (refusal) {
      await this.options.resync();
      refusal = review(this.options.caches, request);
    }
    if (refusal)
      this.options.log(`refused ${request.operation} ${request.kind.kind}: ${refusal.code} ${refusal.message}`);
    const response = refusal
      ? {
          uid: request.uid,
          allowed: false,
          status: { code: refusal.code, reason: refusal.reason, message: refusal.message },
          ...(refusal.warning ? { warnings: [refusal.warning] } : {}),
        }
      : { uid: request.uid, allowed: true };
    return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
  }

  private configuration(): object {
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
