/** Checks of Prism Central itself and of references to it, with one change to the valid scenario. */
import { standInUuid } from "../../../sandbox/prism-central/stand-in-state.ts";
import type { Scenarios } from "./check-context.ts";
import {
  DEMO,
  demo,
  EDGE,
  ELEMENT,
  hosted,
  IMAGE,
  type PrismCentralScenario,
  prismCentralStack,
  standalone,
  validState,
} from "./prism-central-scenario.ts";

const state = validState();
const OTHER = standInUuid(1, 2);

export const REFERENCE_SCENARIOS: Readonly<Record<string, Scenarios<PrismCentralScenario>>> = {
  "prism-central-authentication-succeeds": {
    "the login is unknown": [
      { ...EDGE, passwords: { global: 'global "canary\\ 1' } },
      ": pass: SERVER accepts credentials.global",
      ": fail: the login credentials.edge is not available on this machine; provide its user name and password",
    ],
  },
  "prism-central-version-is-supported": {
    "Prism Central has no v4 API": [
      demo({ version: "2024.1.0.1" }),
      ": fail: SERVER runs 2024.1.0.1, which has no v4 API; CAPX 1.7.0 requires 2024.3 or later; upgrade Prism Central",
    ],
    "CAPX requires a later Prism Central": [
      { ...DEMO, stack: prismCentralStack((stack) => (stack.capx.version = "1.8.0")) },
      ": fail: SERVER runs 2024.3.0.1; CAPX 1.8.0 requires 7.3 or later; upgrade Prism Central, or set an older CAPX in capx.version",
    ],
    "Prism Central is a build without a version number": [
      demo({ version: "master" }),
      ": inconclusive: SERVER runs master, a build without a version number; CAPX 1.7.0 requires 2024.3",
    ],
  },
  "prism-central-clock-is-in-sync": {
    "its clock is ahead": [
      { ...DEMO, standIn: { clockAhead: 600 } },
      ": fail: the clock of SERVER is 10 min ahead of this machine's; set the time by NTP on both",
    ],
  },
  "prism-central-reads-are-permitted": {
    "subnets and images may not be read": [
      { ...DEMO, standIn: { faults: [{ on: /config\/subnets|content\/images/, status: 403 }] } },
      ": fail: SERVER does not permit credentials.global to read subnets, images; add to its role: View Subnet, View Image",
    ],
  },
  "prism-central-role-is-sufficient": {
    "the role lacks permissions": [
      demo({
        users: state.users.map((user) => ({
          ...user,
          role: {
            name: "capx-reader",
            permissions: (user.role?.permissions ?? []).filter((one) => !/Create Virtual|Delete Image/.test(one)),
          },
        })),
      }),
      ': fail: credentials.global has "capx-reader" without Delete Image, Create Virtual Machine; add them to the role in Prism Central',
    ],
    "the user is local to Prism Central": [
      demo({ users: state.users.map(({ role: _, ...user }) => user) }),
      ": inconclusive: the user has no access control policy, as users local to Prism Central; compare its role with the permissions in docs/reference/preflight-checks.md",
    ],
    "the user may not read its role": [
      { ...DEMO, standIn: { faults: [{ on: /\/roles\//, status: 403 }] } },
      ": inconclusive: the user has no permission to read its role (403); add the permission to its role",
    ],
  },
  "prism-element-exists": {
    "no such Prism Element": [
      hosted((demo) => (demo.machineDefaults.cluster.name = "PE-Cluster-10")),
      ' [demo]: fail: no Prism Element "PE-Cluster-10" exists; create it, or use an existing one: "PE-Cluster-01" (uuid-1-1)',
    ],
    "two Prism Elements with the name": [
      demo({ elements: [...state.elements, { uuid: OTHER, name: "pe-cluster-01" }] }),
      ' [demo]: fail: 2 Prism Elements are named "PE-Cluster-01": uuid-1-1, uuid-1-2; write {type: uuid, uuid: …} with the UUID of one of them',
    ],
  },
  "prism-element-is-not-prism-central": {
    "Prism Central's own name": [
      hosted((demo) => (demo.machineDefaults.cluster.name = "pc-01")),
      ' [demo]: fail: "pc-01" is Prism Central\'s own entry; set the Prism Element that the machines run on',
    ],
    "Prism Central with the Prism Element's name": [
      demo({
        elements: [...state.elements, { uuid: OTHER, name: "PE-Cluster-01", service: "PRISM_CENTRAL" }],
      }),
      ' [demo]: fail: "PE-Cluster-01" is the name of a Prism Element and of Prism Central\'s own entry; write {type: uuid, uuid: uuid-1-1}',
    ],
  },
  "subnets-exist": {
    "no such subnet": [
      hosted((demo) => demo.machineDefaults.subnets.push({ type: "uuid", uuid: standInUuid(2, 7) })),
      ' [demo]: fail: no subnet with the UUID uuid-2-7 exists; create it, or use an existing one: "VM-Network" (uuid-2-1), "Storage-Network" (uuid-2-2)',
    ],
    "two subnets of one name are on the Prism Element": [
      demo({
        subnets: [...state.subnets, { uuid: standInUuid(2, 3), name: "VM-Network", cluster: ELEMENT }],
      }),
      ' [demo]: fail: 2 subnets are named "VM-Network": uuid-2-1, uuid-2-3; write {type: uuid, uuid: …} with the UUID of one of them',
    ],
  },
  "subnets-reach-the-prism-element": {
    "the subnet is on another Prism Element": [
      demo({ subnets: state.subnets.map((subnet) => ({ ...subnet, cluster: OTHER })) }),
      ' [demo]: fail: the subnet "VM-Network" (uuid-2-1) is not on the Prism Element "PE-Cluster-01"; set a subnet of that Prism Element, or the Prism Element of that subnet',
    ],
  },
  "image-exists": {
    "no such image": [
      hosted((demo) => (demo.machineDefaults.image.name = "ubuntu-22.04")),
      ' [demo]: fail: no image "ubuntu-22.04" exists; create it, or use an existing one: "ubuntu-22.04-k0s" (uuid-3-1)',
    ],
    "three images have the name": [
      demo({
        images: [1, 2, 3].map((index) => ({ uuid: standInUuid(3, index), name: "ubuntu-22.04-k0s", bytes: 1 })),
      }),
      ' [demo]: fail: 3 images are named "ubuntu-22.04-k0s": uuid-3-1, uuid-3-2, uuid-3-3; write {type: uuid, uuid: …} with the UUID of one of them',
    ],
    "no image matches the lookup": [
      hosted((demo) => {
        delete demo.machineDefaults.image;
        demo.machineDefaults.imageLookup = { baseOS: "ubuntu-22.04" };
      }),
      " [demo]: fail: no image matches capx-ubuntu-22.04-1\\.32\\.6\\b-*; upload one that matches, or change imageLookup, which is a regular expression",
    ],
  },
  "image-is-not-being-deleted": {
    "the image is being deleted": [
      demo({ images: state.images.map((image) => ({ ...image, isBeingDeleted: true })) }),
      ' [demo]: fail: the image "ubuntu-22.04-k0s" (uuid-3-1) is being deleted; set another, or upload it again',
    ],
  },
  "image-fits-the-disk": {
    "the image is larger than the disk": [
      {
        ...standalone((edge) => (edge.controlPlane = { systemDiskSize: "80Gi" })),
        state: validState({ images: [{ uuid: IMAGE, name: "ubuntu-22.04-k0s", bytes: 40 * 2 ** 30 + 1 }] }),
      },
      ' [edge]: fail: the image "ubuntu-22.04-k0s" has 40.1 GiB, its disk 40Gi; set clusters.edge.worker.systemDiskSize to 41Gi or more',
    ],
  },
  "project-exists": {
    "no such project": [
      hosted((demo) => (demo.machineDefaults.project = "k8s-project")),
      ' [demo]: fail: no project "k8s-project" exists; create it, or use an existing one: "k0s-project" (uuid-4-1)',
    ],
  },
  "categories-exist": {
    "no such category": [
      hosted((demo) => demo.machineDefaults.additionalCategories.push({ key: "environment", value: "prod" })),
      " [demo]: fail: no category environment:prod exists; create it in Prism Central: CAPX assigns categories, and creates none",
    ],
  },
  "prism-central-certificate-is-trusted": {
    "insecure: true": [
      { ...DEMO, stack: prismCentralStack((stack) => (stack.prismCentral.insecure = true)) },
      ": inconclusive: SERVER: insecure: true disables the check; remove insecure, and add the CA to trustBundle",
    ],
  },
};
