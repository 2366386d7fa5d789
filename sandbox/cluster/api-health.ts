import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";

export interface ApiAnswer {
  status: number;
  body: string;
}

interface KubeconfigText {
  clusters: { cluster: { server: string; "certificate-authority"?: string; "certificate-authority-data"?: string } }[];
  users: {
    user: {
      "client-certificate"?: string;
      "client-certificate-data"?: string;
      "client-key"?: string;
      "client-key-data"?: string;
    };
  }[];
}

/** The few calls that a sandbox makes itself, with the first cluster and user of a kubeconfig that kwok or the sandbox wrote. */
export class Api {
  readonly server: string;
  private readonly agent: Agent;

  constructor(kubeconfig: string) {
    const { clusters, users } = parse(readFileSync(kubeconfig, "utf8")) as KubeconfigText;
    const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
    if (!cluster || !user)
      throw new Error(`${kubeconfig} names no cluster or no user; delete the sandbox and make it again`);
    this.server = cluster.server;
    this.agent = new Agent({
      ca: pem(cluster["certificate-authority-data"], cluster["certificate-authority"]),
      cert: pem(user["client-certificate-data"], user["client-certificate"]),
      key: pem(user["client-key-data"], user["client-key"]),
    });
  }

  /** Any status is an answer; only a connection that fails is an error. Gives up after 10 s. */
  call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const type = method === "PATCH" ? "application/apply-patch+yaml" : "application/json";
    const headers = body === undefined ? {} : { "content-type": type };
    const options = { method, headers, agent: this.agent, timeout: 10_000 };
    return new Promise((resolve, reject) => {
      const call = request(`${this.server}${path}`, options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on("error", reject);
      });
      call.on("timeout", () => call.destroy(new Error(`${this.server} did not answer within 10 s`)));
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Creates or updates one object by server-side apply. */
  async apply(path: string, object: unknown): Promise<void> {
    const answer = await this.call("PATCH", `${path}?fieldManager=k0rdent-nutanix-sandbox&force=true`, object);
    if (answer.status >= 300) throw new Error(`${path} was refused (${answer.status}): ${answer.body.slice(0, 500)}`);
  }

  async isReady(): Promise<boolean> {
    return this.call("GET", "/readyz").then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** Waits for /readyz; false when the deadline in milliseconds has passed. */
  async waitReady(deadline: number): Promise<boolean> {
    const end = Date.now() + deadline;
    while (!(await this.isReady())) {
      if (Date.now() > end) return false;
      await sleep(100);
    }
    return true;
  }

  close(): void {
    this.agent.destroy();
  }
}

function pem(data: string | undefined, file: string | undefined): string {
  return data ? Buffer.from(data, "base64").toString("utf8") : readFileSync(file ?? "", "utf8");
}
