/** Failures between this machine and Prism Central, and what one check reports of each. */
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { InjectedFault, PrismCentralStandInOptions } from "../../sandbox/prism-central/stand-in-server.ts";
import { standInUuid } from "../../sandbox/prism-central/stand-in-state.ts";
import type { Scenarios } from "./check-context.ts";
import {
  certificate,
  ELEMENT,
  type PrismCentralScenario,
  prismCentralStack,
  validState,
} from "./prism-central-scenario.ts";

const ME = /users\/me/;
const fault = (...faults: InjectedFault[]): PrismCentralScenario => ({ clusters: ["demo"], standIn: { faults } });
const behind = (standIn: Partial<PrismCentralStandInOptions>): PrismCentralScenario => ({
  clusters: ["demo"],
  standIn,
});
const soon = { transport: { responseTimeout: 0.3, connectTimeout: 0.3 } };
const many = validState({
  subnets: [
    ...Array.from({ length: 149 }, (_, index) => ({
      uuid: standInUuid(2, index + 10),
      name: `VLAN-${index}`,
      cluster: ELEMENT,
    })),
    ...validState().subnets,
  ],
});
const manyProjects = validState({
  projects: [
    ...Array.from({ length: 149 }, (_, index) => ({ uuid: standInUuid(4, index + 10), name: `project-${index}` })),
    ...validState().projects,
  ],
});

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
    "its port refuses connections": [
      { clusters: ["demo"], transport: { standInPort: 1 } },
      ": fail: the connection to prism-central.example.com:9440 is refused (ECONNREFUSED); correct the address and port, open the firewall, or set a proxy in HTTPS_PROXY",
    ],
    "its port accepts connections and never responds": [
      { clusters: ["demo"], ...soon, server: () => createServer() },
      ": fail: the connection to prism-central.example.com:9440 times out (UND_ERR_CONNECT_TIMEOUT); correct the address and port, open the firewall, or set a proxy in HTTPS_PROXY",
    ],
    "its port does not use TLS": [
      { clusters: ["demo"], server: () => createHttpServer((_, response) => response.end()) },
      ": fail: prism-central.example.com:9440 does not use TLS (ERR_SSL_WRONG_VERSION_NUMBER); set Prism Central's port, 9440",
    ],
  },
  "prism-central-authentication-succeeds": {
    "its port refuses connections": [
      { clusters: ["demo"], transport: { standInPort: 1 } },
      ": inconclusive: not reached: the connection to prism-central.example.com:9440 is refused (ECONNREFUSED); correct the address and port, open the firewall, or set a proxy in HTTPS_PROXY",
    ],
    "it rejects the login": [
      fault({ on: ME, status: 401 }),
      ": fail: prism-central.example.com:9440 rejects the login credentials.global (401); set credentials.global to a user of Prism Central; write a directory user as user@domain",
    ],
    "the login times out": [
      { ...fault({ on: ME, delay: Number.POSITIVE_INFINITY }), ...soon },
      ": inconclusive: not reached: prism-central.example.com:9440 accepts a request and does not respond in time; check the load of Prism Central",
    ],
    "it is down for maintenance at the login": [
      fault({ on: ME, status: 503, headers: { "retry-after": "0" } }),
      ": inconclusive: prism-central.example.com:9440 fails to answer the request for the login (503, STAND_IN_503); check the health of Prism Central",
    ],
    "the user may not read itself": [
      fault({ on: ME, status: 403 }),
      ": pass: prism-central.example.com:9440 accepts credentials.global",
    ],
  },
  "prism-central-certificate-is-trusted": {
    "its port closes every connection": [
      { clusters: ["demo"], server: () => createServer((socket) => socket.destroy()) },
      ": inconclusive: not reached: prism-central.example.com:9440 closes the connection (ECONNRESET); check the network between this machine and the server",
    ],
    "its certificate has expired": [
      behind({ certificate: certificate("expired") }),
      ": fail: the certificate of prism-central.example.com:9440 has expired (CERT_HAS_EXPIRED); renew Prism Central's certificate",
    ],
    "its certificate is signed by another CA": [
      behind({ certificate: certificate("untrusted") }),
      ": fail: the certificate of prism-central.example.com:9440 is signed by a CA that is neither in its chain nor in the trust bundle (UNABLE_TO_VERIFY_LEAF_SIGNATURE); add the CA that signed it to the trust bundle, as PEM",
    ],
  },
  "prism-central-host-name-matches": {
    "its certificate is for another host": [
      behind({ certificate: certificate("wrong-host") }),
      ": fail: the certificate of prism-central.example.com:9440 is for other.example.com, console.example.com, not for prism-central.example.com; use a name of the certificate, or issue one for this name",
    ],
    "its certificate is not trusted": [
      behind({ certificate: certificate("untrusted") }),
      ": inconclusive: not reached: the certificate of prism-central.example.com:9440 is signed by a CA that is neither in its chain nor in the trust bundle (UNABLE_TO_VERIFY_LEAF_SIGNATURE); add the CA that signed it to the trust bundle, as PEM",
    ],
  },
  "image-exists": {
    "it has no v4 API": [
      { clusters: ["demo"], state: validState({ version: "2024.1.0.1" }) },
      " [demo]: inconclusive: prism-central.example.com:9440 runs 2024.1.0.1, which has no v4 API; upgrade Prism Central",
    ],
    "it rejects the login": [
      fault({ on: ME, status: 401 }),
      " [demo]: inconclusive: prism-central.example.com:9440 rejects the login credentials.global (401)",
    ],
    "it has no v3 API": [
      fault({ on: /nutanix\/v3/, status: 404 }),
      ' [demo]: pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001',
    ],
    "one request too many": [
      fault({ on: /images/, status: 429, headers: { "retry-after": "0" }, times: 1 }),
      ' [demo]: pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001',
    ],
    "two requests too many, with a date to retry after": [
      fault({ on: /images/, status: 429, headers: { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }, times: 2 }),
      ' [demo]: pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001',
    ],
    "too many requests each time": [
      fault({ on: /images/, status: 429, headers: { "retry-after": "0" } }),
      " [demo]: inconclusive: prism-central.example.com:9440 rejects the request for images: too many requests (429); try again later",
    ],
    "too many requests, with an hour to retry after": [
      fault({ on: /images/, status: 429, headers: { "retry-after": "3600" } }),
      " [demo]: inconclusive: prism-central.example.com:9440 rejects the request for images: too many requests (429); try again later",
    ],
    "unavailable twice": [
      fault({ on: /images/, status: 503, headers: { "retry-after": "0" }, times: 2 }),
      ' [demo]: pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001',
    ],
    "an internal error once": [
      fault({ on: /images/, status: 500, headers: { "retry-after": "0" }, times: 1 }),
      ' [demo]: pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001',
    ],
    "an internal error each time": [
      fault({ on: /images/, status: 500, headers: { "retry-after": "0" } }),
      " [demo]: inconclusive: prism-central.example.com:9440 fails to answer the request for images (500, STAND-IN-500); check the health of Prism Central",
    ],
    "a bad gateway in front of it": [
      fault({ on: /images/, status: 502, headers: { "retry-after": "0" }, text: "<html>bad gateway</html>" }),
      " [demo]: inconclusive: prism-central.example.com:9440 fails to answer the request for images (502); check the health of Prism Central",
    ],
    "an HTML page": [
      fault({ on: /images/, text: "<html>welcome</html>" }),
      " [demo]: inconclusive: the response of prism-central.example.com:9440 for images is not JSON; check which server answers there",
    ],
    "a connection closed once": [
      fault({ on: /images/, close: true, times: 1 }),
      ' [demo]: pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001',
    ],
    "every connection closed": [
      fault({ on: /images/, close: true }),
      " [demo]: inconclusive: prism-central.example.com:9440 closes the connection (UND_ERR_SOCKET)",
    ],
    "a slow response": [
      fault({ on: /images/, delay: 200 }),
      ' [demo]: pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001',
    ],
    "no response": [
      { ...fault({ on: /images/, delay: Number.POSITIVE_INFINITY }), ...soon },
      " [demo]: inconclusive: prism-central.example.com:9440 accepts a request and does not respond in time",
    ],
    "the check misses its deadline": [
      { ...fault({ on: /images/, delay: 3000 }), run: { deadline: 0.3 } },
      " [demo]: inconclusive: no result within 0.3 s",
    ],
  },
  "project-exists": {
    "the second page of a v3 list is missing": [
      { ...fault({ on: /projects\/list 100/, empty: true }), state: manyProjects },
      " [demo]: inconclusive: prism-central.example.com:9440 reports 150 projects and returns 100; run it again",
    ],
    "the project is on the second page of a v3 list": [
      { clusters: ["demo"], state: manyProjects },
      ' [demo]: pass: project "k0s-project" is 00000004-0000-4000-8000-000000000001',
    ],
    "an internal error of the v3 API each time": [
      fault({ on: /projects/, status: 500, headers: { "retry-after": "0" } }),
      " [demo]: inconclusive: prism-central.example.com:9440 fails to answer the request for projects (500, STAND_IN_500); check the health of Prism Central",
    ],
  },
  "subnets-exist": {
    "the second page of a list is missing": [
      { ...fault({ on: /subnets.*page=1/, empty: true }), state: many },
      " [demo]: inconclusive: prism-central.example.com:9440 reports 151 subnets and returns 100; run it again",
    ],
    "the second page of a list is not found": [
      { ...fault({ on: /subnets.*page=1/, status: 404 }), state: many },
      " [demo]: inconclusive: prism-central.example.com:9440 has no page 2 of subnets",
    ],
    "the subnet is on the second page": [
      { clusters: ["demo"], state: many },
      ' [demo]: pass: subnet "VM-Network" is 00000002-0000-4000-8000-000000000001',
    ],
  },
  "prism-central-version-is-supported": {
    "the version may not be read, and is in a header": [
      fault({ on: /domain-managers|prism_central/, status: 403 }),
      ": pass: prism-central.example.com:9440 runs 2024.3.0.1; CAPX 1.7.0 requires 2024.3 or later",
    ],
  },
};
