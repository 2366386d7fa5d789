import type { OpMap } from "@pulumi/pulumi/automation/index.js";
import { type EngineEvent, isNoise, plain } from "../engine/events.ts";
import type { StepProgress } from "./steps.ts";

const DONE: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "replaced",
  "delete-replaced": "deleted the old",
  "discard-replaced": "discarded the old",
  discard: "discarded",
  import: "imported",
};

interface Running {
  readonly name: string;
  readonly since: number;
}

/** Prints a line for each changed resource, and shows in the title which operations run. */
export class Progress {
  readonly #step: StepProgress;
  readonly #title: string;
  readonly #running = new Map<string, Running>();
  readonly #clock: NodeJS.Timeout | undefined;
  #seen = 0;

  /** Only a terminal has a clock: elsewhere every new title is a line. */
  constructor(step: StepProgress, title: string, isTerminal = process.stdout.isTTY) {
    this.#step = step;
    this.#title = title;
    if (isTerminal) this.#clock = setInterval(() => this.#retitle(), 500);
  }

  add(event: EngineEvent): void {
    const {
      resourcePreEvent: begun,
      resOutputsEvent: done,
      resOpFailedEvent: failed,
      diagnosticEvent: diagnostic,
    } = event;
    if (begun !== undefined) {
      this.#running.set(begun.metadata.urn, { name: shortName(begun.metadata), since: event.timestamp });
    }
    if (done !== undefined) {
      this.#seen += 1;
      const operation = DONE[done.metadata.op];
      if (operation !== undefined && isObject(done.metadata.type)) {
        this.#step.say(`${operation} ${shortName(done.metadata)}${this.#duration(done.metadata.urn, event.timestamp)}`);
      }
      this.#running.delete(done.metadata.urn);
    }
    if (failed !== undefined) {
      this.#step.say(`failed: ${shortName(failed.metadata)}${this.#duration(failed.metadata.urn, event.timestamp)}`);
      this.#running.delete(failed.metadata.urn);
    }
    if (diagnostic?.severity === "warning" && !diagnostic.ephemeral && !isNoise(diagnostic.message))
      this.#step.say(`warning: ${firstLine(diagnostic.message)}`);
  }

  /** Stops the clock. */
  end(): void {
    clearInterval(this.#clock);
  }

  #retitle(): void {
    const now = Date.now() / 1000;
    const waiting = [...this.#running.values()]
      .filter(({ since }) => now - since >= 1)
      .map(({ name, since }) => `${name} ${Math.round(now - since)} s`);
    const rest = waiting.length > 3 ? `, and ${waiting.length - 3} more` : "";
    const waits = waiting.length === 0 ? "" : `, waiting for ${waiting.slice(0, 3).join(", ")}${rest}`;
    this.#step.title(`${this.#title}: ${this.#seen} done${waits}`);
  }

  /** The engine's timestamps are whole seconds. */
  #duration(urn: string, now: number): string {
    const seconds = now - (this.#running.get(urn)?.since ?? now);
    return seconds < 2 ? "" : ` in ${seconds} s`;
  }
}

/** `2 to create, 1 to update, 24 unchanged`; deletes and replacements only if there are any. */
export function changesLine(changes: OpMap): string {
  const rare = (["replace", "delete"] as const).filter((op) => changes[op]).map((op) => `${changes[op]} to ${op}`);
  return [
    `${changes.create ?? 0} to create`,
    `${changes.update ?? 0} to update`,
    ...rare,
    `${changes.same ?? 0} unchanged`,
  ].join(", ");
}

/** Components, providers and the stack are not objects. */
function isObject(type: string): boolean {
  return (
    !type.startsWith("pulumi:pulumi:") && !type.startsWith("k0rdent-nutanix:") && !type.startsWith("pulumi:providers:")
  );
}

function shortName({ type, urn }: { type: string; urn: string }): string {
  return `${type.split(":").at(-1)} ${urn.split("::").at(-1)}`;
}

function firstLine(message: string): string {
  return plain(message).split("\n")[0] ?? "";
}
