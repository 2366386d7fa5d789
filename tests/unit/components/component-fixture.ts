import assert from "node:assert/strict";
import k8s from "@pulumi/kubernetes";
import pulumi from "@pulumi/pulumi";
import { PASSWORDS } from "../../support/stack-fixture.ts";
import { type Recorded, record } from "./recorder.ts";

export const STACK = { "k0rdent-nutanix/stack": "k0rdent-nutanix.dev" };
export const PC = { address: "pc.example.com" };
export const LOGIN = { username: "svc", password: pulumi.secret(PASSWORDS.edge) };

/** Registers what `make` makes, on a provider of its own. */
export async function made(make: (opts: pulumi.ComponentResourceOptions) => unknown): Promise<Recorded[]> {
  const { resources, error } = await record(async () => {
    make({ provider: new k8s.Provider("cluster", {}) });
  });
  assert.equal(error, undefined);
  return resources;
}

export function named(resources: readonly Recorded[], entry: string): Recorded {
  const found = resources.filter(({ type, name }) => `${type} ${name}` === entry);
  assert.equal(found.length, 1, entry);
  return found[0] as Recorded;
}
