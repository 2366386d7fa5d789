/** Reading a ClusterDeployment of this project's charts: every field may be missing or of a wrong type in somebody else's. */
import type { Subject } from "./rule.ts";

type Plain = Readonly<Record<string, unknown>>;

export interface ClusterSubject {
  /** Beginning of the path in faults: `clusters.edge`. */
  readonly at: string;
  readonly name: string;
  readonly namespace: string;
  readonly standalone: boolean;
  readonly config: Plain;
}

/** Names of the ClusterTemplates: with a version, or without one where another chart brings them. */
const CHART = /^nutanix-k0s-(hcp|standalone)(-|$)/;

/** The ClusterDeployments of Nutanix clusters among the subjects. */
export function clustersOf(subjects: readonly Subject[]): ClusterSubject[] {
  return subjects.flatMap((subject) => {
    const object: unknown = subject.object;
    const template = CHART.exec(text(at(object, "spec", "template")) ?? "");
    const isOfK0rdent = text(at(object, "apiVersion"))?.startsWith("k0rdent.mirantis.com/") ?? false;
    if (at(object, "kind") !== "ClusterDeployment" || !isOfK0rdent || !template) return [];
    return [
      {
        at: subject.at,
        name: text(at(object, "metadata", "name")) ?? "",
        namespace: text(at(object, "metadata", "namespace")) ?? "default",
        standalone: template[1] === "standalone",
        config: map(at(object, "spec", "config")),
      },
    ];
  });
}

/** The value at a path of keys, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((below, key) => map(below)[key], value);
}

export function map(value: unknown): Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Plain) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function whole(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

/** The machines of one role: defaults with the role's overrides over them. */
export function machineOf(cluster: ClusterSubject, role: "controlPlane" | "worker"): Plain {
  return { ...map(cluster.config["machineDefaults"]), ...map(cluster.config[role]) };
}

/** The roles that have machines: a hosted control plane has none. */
export function rolesOf(cluster: ClusterSubject): ("controlPlane" | "worker")[] {
  return cluster.standalone ? ["controlPlane", "worker"] : ["worker"];
}

const UNITS: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of a Kubernetes quantity such as `4Gi`; undefined when it is none. */
export function bytes(quantity: unknown): number | undefined {
  const match = /^(\d+)(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text(quantity) ?? "");
  return match ? Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1) : undefined;
}
