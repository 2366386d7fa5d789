/** The management cluster as a preflight reaches it: once a run, for all checks. */
import { bodyOf, connectKubernetes, type KubernetesClient } from "../../kubernetes/client.ts";
import { KubeconfigError, type KubeconfigProblem, UnreachableError } from "../../kubernetes/errors.ts";
import { at, text } from "../../policy/rules/plain-values.ts";
import { type Check, type CheckContext, fail, Inconclusive, pass } from "../check.ts";
import { type DescribedError, describeConnectionError } from "./describe-connection-error.ts";
import { Reader } from "./reader.ts";

/** How far the connection got: `unreachable` before TLS was done, `unauthenticated` before the login was. */
type ConnectionAttempt =
  | ({ readonly state: "unreachable"; readonly server: string } & DescribedError)
  | ({ readonly state: "unauthenticated"; readonly server: string } & DescribedError)
  | { readonly state: "connected"; readonly client: KubernetesClient; readonly version: string; readonly user: string };

/** What of a run's context is needed to reach the management cluster. */
export type ManagementContext = Pick<CheckContext, "management" | "shared" | "signal">;

/** Seconds for the first response, which all checks wait for together. */
const CONNECT_TIMEOUT = 10;
const TRUST = {
  name: "the kubeconfig",
  remedy: "set the CA that issued it as certificate-authority-data in the kubeconfig",
};
const REACHABLE = "management-cluster-is-reachable";
const AUTHENTICATION = "management-cluster-authentication-succeeds";

/** The management cluster, for a check to read. @throws Inconclusive when the connection or the login fails, which {@link MANAGEMENT_CONNECTION_CHECKS} explain */
export async function managementOf(context: ManagementContext): Promise<Reader> {
  const connection = await connectionOf(context);
  if (connection.state === "connected") return new Reader(connection.client, { context, user: connection.user });
  const id = connection.state === "unreachable" ? REACHABLE : AUTHENTICATION;
  throw new Inconclusive(`no connection to the management cluster; see ${id}`);
}

function connectionOf(context: ManagementContext): Promise<ConnectionAttempt> {
  return context.shared.once("management cluster", () => connect(context));
}

async function connect({ management, signal }: ManagementContext): Promise<ConnectionAttempt> {
  const { kubeconfig, context } = management;
  if (kubeconfig?.open() === "") {
    const message = "the file of management.kubeconfig does not exist";
    return { state: "unreachable", server: "", message, remedy: "set an existing kubeconfig" };
  }
  let client: KubernetesClient;
  try {
    client = await connectKubernetes({ kubeconfig: kubeconfig?.open(), context });
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    const state = error.problem === "credentials" ? "unauthenticated" : "unreachable";
    return { state, server: error.server, ...KUBECONFIG_PROBLEMS[error.problem](error) };
  }
  return firstResponse(client, AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT * 1000)]));
}

const set = (message: string) => ({ message, remedy: "set a kubeconfig in management.kubeconfig" });
const KUBECONFIG_PROBLEMS: Readonly<Record<KubeconfigProblem, (error: KubeconfigError) => DescribedError>> = {
  missing: () => set("not in a pod of a cluster"),
  unreadable: () => set("the kubeconfig is not valid"),
  syntax: () => set("the kubeconfig is not valid"),
  context: ({ reason }) => ({ message: `the kubeconfig ${reason}`, remedy: "set another one in management.context" }),
  credentials: () => ({
    message: "the kubeconfig's login fails: its credential plugin or its files",
    remedy: "run kubectl version with it to see the plugin's error",
  }),
};

async function firstResponse(client: KubernetesClient, signal: AbortSignal): Promise<ConnectionAttempt> {
  const { server } = client;
  try {
    const version = await client.request({ path: "/version", retries: false, signal });
    if (version.code >= 500) {
      const remedy = "check the logs of the API server and of etcd";
      return { state: "unreachable", server, message: `${server} responds with ${version.code}`, remedy };
    }
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const review = await client.request({ method: "POST", path, body, signal });
    if (version.code === 401 || review.code === 401) {
      const message = `${server} rejects the login: its token or certificate has expired, or is for another cluster`;
      const remedy = "get a new kubeconfig, or log in again, and check the context";
      return { state: "unauthenticated", server, message, remedy };
    }
    // Servers before Kubernetes 1.28 do not report the user.
    const user = text(at(bodyOf(review), "status", "userInfo", "username")) ?? "the user";
    const gitVersion = text(at(bodyOf(version), "gitVersion")) ?? "of an unknown version";
    return { state: "connected", client, version: gitVersion, user };
  } catch (error) {
    const cause = error instanceof UnreachableError ? error.cause : error;
    if (signal.aborted) {
      const message = `${server} does not respond within ${CONNECT_TIMEOUT} s`;
      return { state: "unreachable", server, message, remedy: "open the firewall, VPN or proxy" };
    }
    return { state: "unreachable", server, ...describeConnectionError(cause, { server, trust: TRUST }) };
  }
}

export const MANAGEMENT_CONNECTION_CHECKS: readonly Check[] = [
  {
    id: REACHABLE,
    description: "the management cluster answers, with a certificate that the kubeconfig trusts",
    scope: "stack",
    run: async (context) => {
      const connection = await connectionOf(context);
      if (connection.state === "unreachable") return fail(connection.message, connection.remedy);
      if (connection.state === "unauthenticated") return pass(`${connection.server} answers`);
      return pass(`${connection.client.server} answers: Kubernetes ${connection.version}`);
    },
  },
  {
    id: AUTHENTICATION,
    description: "the management cluster accepts the kubeconfig's login",
    scope: "stack",
    run: async (context) => {
      const connection = await connectionOf(context);
      if (connection.state === "unreachable") throw new Inconclusive(`no connection; see ${REACHABLE}`);
      if (connection.state === "unauthenticated") return fail(connection.message, connection.remedy);
      return pass(`logged in as ${connection.user}`);
    },
  },
];
