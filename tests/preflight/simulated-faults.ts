/** What can go wrong between here and a Prism Central, and what one check says of each. */
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { standInUuid } from "../../sandbox/prism-central/fixture.ts";
import type { Fault, StandInOptions } from "../../sandbox/prism-central/server.ts";
import type { Case } from "./failing-checks.ts";
import { certificate, ELEMENT, goodStack, goodWorld, type Scene } from "./fixture.ts";

const ME = /users\/me/;
const fault = (...faults: Fault[]): Scene => ({ clusters: ["demo"], standIn: { faults } });
const behind = (standIn: Partial<StandInOptions>): Scene => ({ clusters: ["demo"], standIn });
const soon = { transport: { answerTimeout: 0.3, connectTimeout: 0.3 } };
const many = goodWorld({
  subnets: [
    ...Array.from({ length: 149 }, (_, index) => ({
      uuid: standInUuid(2, index + 10),
      name: `VLAN-${index}`,
      cluster: ELEMENT,
    })),
    ...goodWorld().subnets,
  ],
});
const old = goodWorld({ version: "2024.1.0.1", subnets: many.subnets });

export const FAULTS: readonly Case[] = [
  {
    title: "its name does not resolve",
    check: "prism-central-name-resolves",
    scene: {
      clusters: ["demo"],
      stack: goodStack(({ prismCentral }) => (prismCentral.address = "prism-central.invalid")),
      transport: { playedBy: undefined } as object,
    },
    lines: ["- fail: prism-central.invalid does not resolve (ENOTFOUND); mend the address, or the DNS of this machine"],
  },
  {
    title: "its port refuses",
    check: "prism-central-port-answers",
    scene: { clusters: ["demo"], transport: { playedBy: 1 } },
    lines: [
      "- fail: prism-central.example.com:9440 refuses the connection (ECONNREFUSED); mend address and port, open the firewall on the way, or name a proxy in HTTPS_PROXY",
    ],
  },
  {
    title: "its port refuses, and so nothing is known of its login",
    check: "prism-central-authentication-succeeds",
    scene: { clusters: ["demo"], transport: { playedBy: 1 } },
    lines: [
      "- unknown: not asked: prism-central.example.com:9440 refuses the connection (ECONNREFUSED); mend address and port, open the firewall on the way, or name a proxy in HTTPS_PROXY",
    ],
  },
  {
    title: "its port takes a connection and says nothing",
    check: "prism-central-port-answers",
    scene: { clusters: ["demo"], ...soon, instead: () => createServer() },
    lines: [
      "- fail: prism-central.example.com:9440 does not answer (UND_ERR_CONNECT_TIMEOUT); mend address and port, open the firewall on the way, or name a proxy in HTTPS_PROXY",
    ],
  },
  {
    title: "its port speaks no TLS",
    check: "prism-central-port-answers",
    scene: { clusters: ["demo"], instead: () => createHttpServer((_, response) => response.end()) },
    lines: [
      "- fail: prism-central.example.com:9440 speaks no TLS (ERR_SSL_WRONG_VERSION_NUMBER); write the port of Prism Central, 9440",
    ],
  },
  {
    title: "its port cuts every connection",
    check: "prism-central-certificate-is-trusted",
    scene: { clusters: ["demo"], instead: () => createServer((socket) => socket.destroy()) },
    lines: [
      "- unknown: not asked: prism-central.example.com:9440 cuts the connection (ECONNRESET); look at what is between here and there",
    ],
  },
  {
    title: "its certificate has expired",
    check: "prism-central-certificate-is-trusted",
    scene: behind({ certificate: certificate("expired") }),
    lines: [
      "- fail: the certificate of prism-central.example.com:9440 has expired (CERT_HAS_EXPIRED); renew Prism Central's certificate",
    ],
  },
  {
    title: "its certificate is signed by somebody else's CA",
    check: "prism-central-certificate-is-trusted",
    scene: behind({ certificate: certificate("untrusted") }),
    lines: [
      "- fail: the certificate of prism-central.example.com:9440 is signed by a CA that is neither sent along nor in the trust bundle (UNABLE_TO_VERIFY_LEAF_SIGNATURE); put the CA that signed it into prismCentral.trustBundle, as PEM",
    ],
  },
  {
    title: "its certificate is for another host",
    check: "prism-central-host-name-matches",
    scene: behind({ certificate: certificate("wrong-host") }),
    lines: [
      "- fail: the certificate of prism-central.example.com:9440 is for other.example.com, console.example.com, not for prism-central.example.com; write a name that it is for, or give Prism Central a certificate for this one",
    ],
  },
  {
    title: "its certificate is not trusted, and so nobody looks at its name",
    check: "prism-central-host-name-matches",
    scene: behind({ certificate: certificate("untrusted") }),
    lines: [
      "- unknown: not asked: the certificate of prism-central.example.com:9440 is signed by a CA that is neither sent along nor in the trust bundle (UNABLE_TO_VERIFY_LEAF_SIGNATURE); put the CA that signed it into prismCentral.trustBundle, as PEM",
    ],
  },
  {
    title: "it rejects the login",
    check: "prism-central-authentication-succeeds",
    scene: fault({ on: ME, status: 401 }),
    lines: [
      "- fail: prism-central.example.com:9440 rejects the login credentials.global (401); set credentials.global to a user of Prism Central; a user of a directory is written user@domain",
    ],
  },
  {
    title: "it rejects the login, and so nothing is asked",
    check: "image-exists",
    scene: fault({ on: ME, status: 401 }),
    lines: ["demo unknown: prism-central.example.com:9440 rejects the login credentials.global (401)"],
  },
  {
    title: "it does not answer the login in time",
    check: "prism-central-authentication-succeeds",
    scene: { ...fault({ on: ME, delay: Number.POSITIVE_INFINITY }), ...soon },
    lines: [
      "- unknown: not asked: prism-central.example.com:9440 takes a call and does not answer it in time; look at Prism Central's load",
    ],
  },
  {
    title: "it is down for maintenance at the login",
    check: "prism-central-authentication-succeeds",
    scene: fault({ on: ME, status: 503, headers: { "retry-after": "0" } }),
    lines: [
      "- unknown: not asked: prism-central.example.com:9440 could not answer for the login (503, STAND_IN_503); look at Prism Central's health",
    ],
  },
  {
    title: "the user may not read itself, and is logged in all the same",
    check: "prism-central-authentication-succeeds",
    scene: fault({ on: ME, status: 403 }),
    lines: ["- pass: prism-central.example.com:9440 accepts credentials.global"],
  },
  {
    title: "it has no v3 API any more, and is logged in to all the same",
    check: "image-exists",
    scene: fault({ on: /nutanix\/v3/, status: 404 }),
    lines: ['demo pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001'],
  },
  {
    title: "it is asked too often once, and is asked again",
    check: "image-exists",
    scene: fault({ on: /images/, status: 429, headers: { "retry-after": "0" }, times: 1 }),
    lines: ['demo pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001'],
  },
  {
    title: "it is asked too often and says until when, as a date",
    check: "image-exists",
    scene: fault({ on: /images/, status: 429, headers: { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }, times: 2 }),
    lines: ['demo pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001'],
  },
  {
    title: "it is asked too often each time",
    check: "image-exists",
    scene: fault({ on: /images/, status: 429, headers: { "retry-after": "0" } }),
    lines: [
      "demo unknown: prism-central.example.com:9440 is asked too often, and turned the question for images down (429); try again later",
    ],
  },
  {
    title: "it wants to be left alone for an hour",
    check: "image-exists",
    scene: fault({ on: /images/, status: 429, headers: { "retry-after": "3600" } }),
    lines: [
      "demo unknown: prism-central.example.com:9440 is asked too often, and turned the question for images down (429); try again later",
    ],
  },
  {
    title: "it is busy twice, and is asked again",
    check: "image-exists",
    scene: fault({ on: /images/, status: 503, headers: { "retry-after": "0" }, times: 2 }),
    lines: ['demo pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001'],
  },
  {
    title: "it breaks once, and is asked again",
    check: "image-exists",
    scene: fault({ on: /images/, status: 500, headers: { "retry-after": "0" }, times: 1 }),
    lines: ['demo pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001'],
  },
  {
    title: "it breaks each time",
    check: "image-exists",
    scene: fault({ on: /images/, status: 500, headers: { "retry-after": "0" } }),
    lines: [
      "demo unknown: prism-central.example.com:9440 could not answer for images (500, STAND-IN-500); look at Prism Central's health",
    ],
  },
  {
    title: "the v3 API breaks each time",
    check: "project-exists",
    scene: fault({ on: /projects/, status: 500, headers: { "retry-after": "0" } }),
    lines: [
      "demo unknown: prism-central.example.com:9440 could not answer for projects (500, STAND_IN_500); look at Prism Central's health",
    ],
  },
  {
    title: "a proxy of its own is broken",
    check: "image-exists",
    scene: fault({ on: /images/, status: 502, headers: { "retry-after": "0" }, text: "<html>bad gateway</html>" }),
    lines: [
      "demo unknown: prism-central.example.com:9440 could not answer for images (502); look at Prism Central's health",
    ],
  },
  {
    title: "it answers a page for people",
    check: "image-exists",
    scene: fault({ on: /images/, text: "<html>welcome</html>" }),
    lines: [
      "demo unknown: prism-central.example.com:9440 answers no JSON when asked for images; look at what answers there",
    ],
  },
  {
    title: "it cuts a connection once, and is asked again",
    check: "image-exists",
    scene: fault({ on: /images/, cut: true, times: 1 }),
    lines: ['demo pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001'],
  },
  {
    title: "it cuts each connection",
    check: "image-exists",
    scene: fault({ on: /images/, cut: true }),
    lines: ["demo unknown: prism-central.example.com:9440 cuts the connection (UND_ERR_SOCKET)"],
  },
  {
    title: "it is slow and answers",
    check: "image-exists",
    scene: fault({ on: /images/, delay: 200 }),
    lines: ['demo pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001'],
  },
  {
    title: "it never answers one call",
    check: "image-exists",
    scene: { ...fault({ on: /images/, delay: Number.POSITIVE_INFINITY }), ...soon },
    lines: ["demo unknown: prism-central.example.com:9440 takes a call and does not answer it in time"],
  },
  {
    title: "a check is not done by its deadline",
    check: "image-exists",
    scene: { ...fault({ on: /images/, delay: 3000 }), run: { deadline: 0.3 } },
    lines: ["demo unknown: no answer within 0.3 s"],
  },
  {
    title: "the second page of a list is missing",
    check: "subnets-exist",
    scene: { ...fault({ on: /subnets.*page=1/, emptied: true }), world: many },
    lines: ["demo unknown: prism-central.example.com:9440 tells of 151 subnets and gives 100; ask again"],
  },
  {
    title: "the second page of a list is not found",
    check: "subnets-exist",
    scene: { ...fault({ on: /subnets.*page=1/, status: 404 }), world: many },
    lines: ["demo unknown: prism-central.example.com:9440 lacks page 2 of its subnets"],
  },
  {
    title: "the second page of a v3 list is missing",
    check: "subnets-exist",
    scene: { ...fault({ on: /subnets\/list 100/, emptied: true }), world: old },
    lines: ["demo unknown: prism-central.example.com:9440 tells of 151 subnets and gives 100; ask again"],
  },
  {
    title: "what is named stands on the second page",
    check: "subnets-exist",
    scene: { clusters: ["demo"], world: many },
    lines: ['demo pass: subnet "VM-Network" is 00000002-0000-4000-8000-000000000001'],
  },
  {
    title: "what is named stands on the second page of a v3 list",
    check: "subnets-exist",
    scene: { clusters: ["demo"], world: old },
    lines: ['demo pass: subnet "VM-Network" is 00000002-0000-4000-8000-000000000001'],
  },
  {
    title: "it does not let the version be read, and sends it along all the same",
    check: "prism-central-version-is-supported",
    scene: fault({ on: /domain-managers|prism_central/, status: 403 }),
    lines: ["- pass: prism-central.example.com:9440 runs 2024.3.0.1; CAPX 1.7.0 asks for 2024.3 or later"],
  },
  ...(
    [
      ["clusters", /config\/clusters\?/, "prism-element-exists"],
      ["subnets", /config\/subnets/, "subnets-exist"],
      ["images", /content\/images/, "image-exists"],
      ["tasks", /config\/tasks/, "image-is-not-being-deleted"],
      ["projects", /projects\/list/, "project-exists"],
      ["categories", /config\/categories/, "categories-exist"],
      ["GPUs", /gpu-profiles/, "gpus-are-free"],
      ["storage containers", /storage-containers/, "storage-container-exists"],
      ["virtual machines", /config\/vms/, "endpoint-is-not-a-vm-address"],
    ] as const
  ).map(
    ([what, on, check]): Case => ({
      title: `the user may not read ${what}`,
      check,
      scene: fault({ on, status: 403 }),
      lines: [`demo unknown: the user may not read ${what} (403); see prism-central-reads-are-permitted`],
    }),
  ),
  {
    title: "the user may not read hosts",
    check: "memory-is-available",
    scene: fault({ on: /config\/hosts/, status: 403 }),
    lines: ["- unknown: the user may not read hosts (403); see prism-central-reads-are-permitted"],
  },
];
