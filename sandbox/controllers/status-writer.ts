import { createHash } from "node:crypto";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";

/**
 * What a controller finds about an object, for the Stage that writes it into the status. The words of a status stand in the Stages;
 * a Stage sees one object only, so what depends on others is in annotations of its object.
 */
export interface SimulatedStatus {
  /** Name that the Stage's selector asks for. */
  name: string;
  /** What the Stage's template puts in. */
  values: Record<string, unknown>;
}

export const PREFIX = "sandbox.k0rdent-nutanix";
export const SIMULATED_STATUS = `${PREFIX}/status`;
const VALUES = `${PREFIX}/values`;
const STATUS_HASH = `${PREFIX}/status-hash`;
const SIMULATED_HASH = `${PREFIX}/simulated-hash`;

function statusHash({ name, values }: SimulatedStatus): string {
  return createHash("sha256")
    .update(JSON.stringify([name, values]))
    .digest("hex")
    .slice(0, 12);
}

/** Whether the Stage of this status has written the status. */
export function isSimulated({ metadata: { annotations } }: KubernetesObject, status: SimulatedStatus): boolean {
  return annotations?.[SIMULATED_HASH] === statusHash(status);
}

/** Requests a status from the object's Stage, unless it was requested before. */
export async function writeStatus(
  client: KubernetesClient,
  object: KubernetesObject<unknown, unknown>,
  status: SimulatedStatus,
): Promise<boolean> {
  const hash = statusHash(status);
  if (object.metadata.annotations?.[STATUS_HASH] === hash) return false;
  const annotations = { [SIMULATED_STATUS]: status.name, [VALUES]: JSON.stringify(status.values), [STATUS_HASH]: hash };
  await client.merge(object, { metadata: { annotations } });
  return true;
}
