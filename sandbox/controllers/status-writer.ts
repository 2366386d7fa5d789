import { createHash } from "node:crypto";
import type { Client, KubeObject } from "./client.ts";
import { pathOf, type Resource } from "./played-kinds.ts";

/**
 * What a controller finds about an object, for the Stage that writes it into the status. The words of a status stand in the Stages;
 * a Stage sees one object only, so what depends on others is handed to it in annotations of the object that it plays.
 */
export interface PlayedStatus {
  /** Name that the Stage's selector asks for. */
  verdict: string;
  /** What the Stage's template puts in. */
  facts: Record<string, unknown>;
}

export const PREFIX = "sandbox.k0rdent-nutanix";
export const PLAYED_STATUS = `${PREFIX}/verdict`;
const FACTS = `${PREFIX}/facts`;
const TURN = `${PREFIX}/turn`;
const PLAYED = `${PREFIX}/played`;

export function turnOf({ verdict, facts }: PlayedStatus): string {
  return createHash("sha256")
    .update(JSON.stringify([verdict, facts]))
    .digest("hex")
    .slice(0, 12);
}

/** Whether the Stage of this verdict has written the status. */
export function isPlayed({ metadata: { annotations } }: KubeObject, verdict: PlayedStatus): boolean {
  return annotations?.[PLAYED] === turnOf(verdict);
}

/** The verdict that was given last, with its Stage played. */
export function playedVerdict({ metadata: { annotations = {} } }: KubeObject): string | undefined {
  return annotations[TURN] !== undefined && annotations[TURN] === annotations[PLAYED]
    ? annotations[PLAYED_STATUS]
    : undefined;
}

/** Gives the verdict to the object's Stage. Nothing happens when it was given before. */
export async function writeStatus(
  client: Client,
  resource: Resource,
  { object, verdict }: { object: KubeObject; verdict: PlayedStatus },
): Promise<boolean> {
  const turn = turnOf(verdict);
  if (object.metadata.annotations?.[TURN] === turn) return false;
  const annotations = { [PLAYED_STATUS]: verdict.verdict, [FACTS]: JSON.stringify(verdict.facts), [TURN]: turn };
  await client.merge(pathOf(resource, object), { metadata: { annotations } });
  return true;
}
