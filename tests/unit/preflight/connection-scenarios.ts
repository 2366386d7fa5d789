/** Failures between this machine and Prism Central, and what one check reports of each. */
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { InjectedFault } from "../../../sandbox/prism-central/stand-in-server.ts";
import { standInUuid } from "../../../sandbox/prism-central/stand-in-state.ts";
import type { Scenarios } from "./check-context.ts";
import {
  certificate,
  DEMO,
  demo,
  type PrismCentralScenario,
  prismCentralStack,
  validState,
} from "./prism-central-scenario.ts";

type FaultOptions = Omit<InjectedFault, "headers"> & { readonly retryAfter?: string };
const fault = ({ retryAfter, ...injected }: FaultOptions): PrismCentralScenario => {
  const headers = retryAfter === undefined ? {} : { headers: { "retry-after": retryAfter } };
  return { ...DEMO, standIn: { faults: [{ ...injected, ...headers }] } };
};
const ME = /users\/me/;
const images = (injected: Omit<FaultOptions, "on">) => fault({ on: /images/, ...injected });
const certified = (name: Parameters<typeof certificate>[0]) => ({
  ...DEMO,
  standIn: { certificate: certificate(name) },
});
const PASS = ' [demo]: pass: image "ubuntu-22.04-k0s" is uuid-3-1';
const TOO_MANY =
  " [demo]: inconclusive: SERVER rejects the request for images: too many requests (429); try again later";
const UNTRUSTED =
  "the certificate of SERVER is signed by a CA that is neither in its chain nor in the trust bundle (UNABLE_TO_VERIFY_LEAF_SIGNATURE); add the CA that signed it to the trust bundle, as PEM";
const REFUSED =
  "the connection to SERVER is refused (ECONNREFUSED); correct the address and port, open the firewall, or set a proxy in HTTPS_PROXY";
const soon = { transport: { responseTimeout: 0.3, connectTimeout: 0.3 } };
const others = (kind: number) =>
  Array.from({ length: 149 }, (_, index) => ({ uuid: standInUuid(kind, index + 10), name: `other-${index}` }));
const many = validState({ subnets: [...others(2), ...validState().subnets] });
const manyProjects = validState({ projects: [...others(4), ...validState().projects] });

/** What a check reads, and the requests for it. */
export const FORBIDDEN = {
  "prism-element-exists": ["clusters", /config\/clusters\?/],
  "subnets-exist": ["subnets", /config\/subnets/],
  "image-exists": ["images", /content\/images/],
  "image-is-not-being-deleted": ["tasks", /config\/tasks/],
  "project-exists": ["projects", /projects\/list/],
  "categories-exist": ["categories", /config\/categories/],
  "gpus-are-free": ["GPUs", /gpu-profiles/],
  "storage-container-exists": ["storage containers", /storage-containers/],
  "endpoint-is-not-a-vm-address": ["virtual machines", /config\/vms/],
  "memory-is-available": ["hosts", /config\/hosts/],
} as const;

export const forbiddenLine = (what: string) =>
  `: inconclusive: the user has no permission to read ${what} (403); add the permission to its role`;

export const CONNECTION_SCENARIOS: Readonly<Record<string, Scenarios<PrismCentralScenario>>> = {
  "prism-central-name-resolves": {
    "its name does not resolve": [
      {
        clusters: ["demo"],
        stack: prismCentralStack(({ prismCentral }) => (prismCentral.address = "prism-central.invalid")),
        transport: { standInPort: undefined } as object,
      },
      ": fail: prism-central.invalid does not resolve (ENOTFOUND); correct the address, or the DNS of this machine",
    ],
  },
  "prism-central-port-answers": {
    "its port refuses connections": [{ ...DEMO, transport: { standInPort: 1 } }, `: fail: ${REFUSED}`],
    "its port accepts connections and never responds": [
      { ...DEMO, ...soon, server: () => createServer() },
      ": fail: the connection to SERVER times out (UND_ERR_CONNECT_TIMEOUT); correct the address and port, open the firewall, or set a proxy in HTTPS_PROXY",
    ],
    "its port does not use TLS": [
      { ...DEMO, server: () => createHttpServer((_, response) => response.end()) },
      ": fail: SERVER does not use TLS (ERR_SSL_WRONG_VERSION_NUMBER); set Prism Central's port, 9440",
    ],
  },
  "prism-central-authentication-succeeds": {
    "its port refuses connections": [
      { ...DEMO, transport: { standInPort: 1 } },
      `: inconclusive: not reached: ${REFUSED}`,
    ],
    "it rejects the login": [
      fault({ on: ME, status: 401 }),
      ": fail: SERVER rejects the login credentials.global (401); set credentials.global to a user of Prism Central; write a directory user as user@domain",
    ],
    "the login times out": [
      { ...fault({ on: ME, delay: Number.POSITIVE_INFINITY }), ...soon },
      ": inconclusive: not reached: SERVER accepts a request and does not respond in time; check the load of Prism Central",
    ],
    "it is down for maintenance at the login": [
      fault({ on: ME, status: 503, retryAfter: "0" }),
      ": inconclusive: SERVER fails to answer the request for the login (503, STAND_IN_503); check the health of Prism Central",
    ],
    "the user may not read itself": [fault({ on: ME, status: 403 }), ": pass: SERVER accepts credentials.global"],
  },
  "prism-central-certificate-is-trusted": {
    "its port closes every connection": [
      { ...DEMO, server: () => createServer((socket) => socket.destroy()) },
      ": inconclusive: not reached: SERVER closes the connection (ECONNRESET); check the network between this machine and the server",
    ],
    "its certificate has expired": [
      certified("expired"),
      ": fail: the certificate of SERVER has expired (CERT_HAS_EXPIRED); renew Prism Central's certificate",
    ],
    "its certificate is signed by another CA": [certified("untrusted"), `: fail: ${UNTRUSTED}`],
  },
  "prism-central-host-name-matches": {
    "its certificate is for another host": [
      certified("wrong-host"),
      ": fail: the certificate of SERVER is for other.example.com, console.example.com, not for prism-central.example.com; use a name of the certificate, or issue one for this name",
    ],
    "its certificate is not trusted": [certified("untrusted"), `: inconclusive: not reached: ${UNTRUSTED}`],
  },
  "image-exists": {
    "it has no v4 API": [
      demo({ version: "2024.1.0.1" }),
      " [demo]: inconclusive: SERVER runs 2024.1.0.1, which has no v4 API; upgrade Prism Central",
    ],
    "it rejects the login": [
      fault({ on: ME, status: 401 }),
      " [demo]: inconclusive: SERVER rejects the login credentials.global (401)",
    ],
    "it has no v3 API": [fault({ on: /nutanix\/v3/, status: 404 }), PASS],
    "one request too many": [images({ status: 429, retryAfter: "0", times: 1 }), PASS],
    "two requests too many, with a date to retry after": [
      images({ status: 429, retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT", times: 2 }),
      PASS,
    ],
    "too many requests each time": [images({ status: 429, retryAfter: "0" }), TOO_MANY],
    "too many requests, with an hour to retry after": [images({ status: 429, retryAfter: "3600" }), TOO_MANY],
    "unavailable twice": [images({ status: 503, retryAfter: "0", times: 2 }), PASS],
    "an internal error once": [images({ status: 500, retryAfter: "0", times: 1 }), PASS],
    "an internal error each time": [
      images({ status: 500, retryAfter: "0" }),
      " [demo]: inconclusive: SERVER fails to answer the request for images (500, STAND-IN-500); check the health of Prism Central",
    ],
    "a bad gateway in front of it": [
      images({ status: 502, retryAfter: "0", text: "<html>bad gateway</html>" }),
      " [demo]: inconclusive: SERVER fails to answer the request for images (502); check the health of Prism Central",
    ],
    "an HTML page": [
      images({ text: "<html>welcome</html>" }),
      " [demo]: inconclusive: the response of SERVER for images is not JSON; check which server answers there",
    ],
    "a connection closed once": [images({ close: true, times: 1 }), PASS],
    "every connection closed": [
      images({ close: true }),
      " [demo]: inconclusive: SERVER closes the connection (UND_ERR_SOCKET)",
    ],
    "a slow response": [images({ delay: 200 }), PASS],
    "no response": [
      { ...images({ delay: Number.POSITIVE_INFINITY }), ...soon },
      " [demo]: inconclusive: SERVER accepts a request and does not respond in time",
    ],
    "the check misses its deadline": [
      { ...images({ delay: 3000 }), run: { deadline: 0.3 } },
      " [demo]: inconclusive: no result within 0.3 s",
    ],
  },
  "project-exists": {
    "the second page of a v3 list is missing": [
      { ...fault({ on: /projects\/list 100/, empty: true }), state: manyProjects },
      " [demo]: inconclusive: SERVER reports 150 projects and returns 100; run it again",
    ],
    "the project is on the second page of a v3 list": [
      { ...DEMO, state: manyProjects },
      ' [demo]: pass: project "k0s-project" is uuid-4-1',
    ],
    "an internal error of the v3 API each time": [
      fault({ on: /projects/, status: 500, retryAfter: "0" }),
      " [demo]: inconclusive: SERVER fails to answer the request for projects (500, STAND_IN_500); check the health of Prism Central",
    ],
  },
  "subnets-exist": {
    "the second page of a list is missing": [
      { ...fault({ on: /subnets.*page=1/, empty: true }), state: many },
      " [demo]: inconclusive: SERVER reports 151 subnets and returns 100; run it again",
    ],
    "the second page of a list is not found": [
      { ...fault({ on: /subnets.*page=1/, status: 404 }), state: many },
      " [demo]: inconclusive: SERVER has no page 2 of subnets",
    ],
    "the subnet is on the second page": [{ ...DEMO, state: many }, ' [demo]: pass: subnet "VM-Network" is uuid-2-1'],
  },
  "prism-central-version-is-supported": {
    "the version may not be read, and is in a header": [
      fault({ on: /domain-managers|prism_central/, status: 403 }),
      ": pass: SERVER runs 2024.3.0.1; CAPX 1.7.0 requires 2024.3 or later",
    ],
  },
};
