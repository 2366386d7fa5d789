/** The management cluster as a preflight reaches it: once a run, for all checks. */
import { connectKubernetes, type KubernetesClient } from "../../kubernetes/client.ts";
import { KubeconfigError, type KubeconfigProblem, UnreachableError } from "../../kubernetes/errors.ts";
import { answer, type CheckContext, type CheckResult, Inconclusive, type StackCheck } from "../check.ts";
import { type ConnectionProblem, describeConnectionError } from "./connection-errors.ts";
import { Reader } from "./reader.ts";

/** How far a run got: `unreached` before TLS was done, `refused` before the login was. */
type Reach =
  | ({ readonly state: "unreached"; readonly server: string } & ConnectionProblem)
  | ({ readonly state: "refused"; readonly server: string } & ConnectionProblem)
  | { readonly state: "there"; readonly client: KubernetesClient; readonly version: string; readonly user: string };

/** What of a run's context is needed to ask the management cluster. */
export type ConnectionContext = Pick<CheckContext, "management" | "shared" | "signal">;

/** Seconds for the first answer; everybody waits for it together. */
const FIRST_ANSWER = 10;
const TRUST = {
  by: "the kubeconfig",
  remedy: "put the CA that issued it under certificate-authority-data in the kubeconfig",
};
const NEW_LOGIN = "get a new kubeconfig, or log in again, and check that context and file are the right ones";

/**
 * The management cluster, for a check to read from.
 *
 * @throws NotKnown when it is not reached, or refuses the login: management-cluster-is-reachable and management-cluster-authentication-succeeds say why.
 */
export async function managementOf(context: ConnectionContext): Promise<Reader> {
  const reach = await reached(context);
  if (reach.state === "there") return new Reader(reach.client, { context, user: reach.user });
  const id = reach.state === "unreached" ? managementClusterIsReachable.id : managementClusterAuthenticationSucceeds.id;
  throw new Inconclusive(`the management cluster cannot be asked; ${id} says why`);
}

function reached(context: ConnectionContext): Promise<Reach> {
  return context.shared.once("management cluster", () => reach(context));
}

async function reach({ management, signal }: ConnectionContext): Promise<Reach> {
  const { kubeconfig, context } = management;
  if (kubeconfig?.open() === "") {
    const found = "there is no kubeconfig where management.kubeconfig says";
    return { state: "unreached", server: "", found, remedy: "name a file that is there" };
  }
  let client: KubernetesClient;
  try {
    client = await connectKubernetes({ kubeconfig: kubeconfig?.open(), context });
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    const state = error.problem === "credentials" ? "refused" : "unreached";
    return { state, server: error.server, ...KUBECONFIG_PROBLEMS[error.problem](error) };
  }
  return firstAnswer(client, AbortSignal.any([signal, AbortSignal.timeout(FIRST_ANSWER * 1000)]));
}

const invalid = () => ({
  found: "the kubeconfig cannot be read",
  remedy: "name a kubeconfig in management.kubeconfig",
});
const KUBECONFIG_PROBLEMS: Readonly<Record<KubeconfigProblem, (error: KubeconfigError) => ConnectionProblem>> = {
  missing: () => ({ found: "this is no pod of a cluster", remedy: "name a kubeconfig in management.kubeconfig" }),
  unreadable: invalid,
  syntax: invalid,
  context: ({ reason }) => ({
    found: `the kubeconfig's ${reason}`,
    remedy: "name another one in management.context",
  }),
  credentials: () => ({
    found: "the kubeconfig's login cannot be made: its credential plugin or its files failed",
    remedy: "run kubectl version with it: it says what the plugin says",
  }),
};

async function firstAnswer(client: KubernetesClient, signal: AbortSignal): Promise<Reach> {
  const { server } = client;
  try {
    const version = await client.request({ path: "/version", retries: false, signal });
    if (version.code >= 500) {
      const found = `${server} answered ${version.code}`;
      return { state: "unreached", server, found, remedy: "look at the API server's log, and at what it stores in" };
    }
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const self = await client.request({ method: "POST", path, body, signal });
    if (version.code === 401 || self.code === 401) {
      const found = `${server} does not know the login: its token or certificate has expired or is of another cluster`;
      return { state: "refused", server, found, remedy: NEW_LOGIN };
    }
    return { state: "there", client, version: versionIn(version.text), user: userIn(self.text) };
  } catch (error) {
    if (signal.aborted) {
      const found = `${server} does not answer within ${FIRST_ANSWER} s`;
      return { state: "unreached", server, found, remedy: "open a way from this machine: VPN, firewall, proxy" };
    }
    return {
      state: "unreached",
      server,
      ...describeConnectionError(error instanceof UnreachableError ? error.cause : error, { server, trust: TRUST }),
    };
  }
}

function versionIn(text: string): string {
  return parsed<{ gitVersion?: string }>(text)?.gitVersion ?? "of an unknown version";
}

/** Servers older than Kubernetes 1.28 do not say whom they see. */
function userIn(text: string): string {
  type Review = { status?: { userInfo?: { username?: string } } };
  return parsed<Review>(text)?.status?.userInfo?.username ?? "the user";
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

export const managementClusterIsReachable: StackCheck = {
  id: "management-cluster-is-reachable",
  asks: "does the management cluster answer: name, port, and a certificate that the kubeconfig trusts?",
  scope: "stack",
  run: async (context): Promise<CheckResult[]> => {
    const say = answer(managementClusterIsReachable.id);
    const reach = await reached(context);
    if (reach.state === "unreached") return [say.fail(reach.found, reach.remedy)];
    if (reach.state === "refused") return [say.pass(`${reach.server} answers`)];
    return [say.pass(`${reach.client.server} answers: Kubernetes ${reach.version}`)];
  },
};

export const managementClusterAuthenticationSucceeds: StackCheck = {
  id: "management-cluster-authentication-succeeds",
  asks: "does the management cluster take the kubeconfig's login: a token that has not expired, a certificate of its own?",
  scope: "stack",
  run: async (context): Promise<CheckResult[]> => {
    const say = answer(managementClusterAuthenticationSucceeds.id);
    const reach = await reached(context);
    if (reach.state === "unreached")
      throw new Inconclusive(`it is not reached; ${managementClusterIsReachable.id} says why`);
    if (reach.state === "refused") return [say.fail(reach.found, reach.remedy)];
    return [say.pass(`logged in as ${reach.user}`)];
  },
};
