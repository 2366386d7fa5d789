import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation/index.js";
import { EXIT } from "../output/failure.ts";

export type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

const ROOT_TYPE = "pulumi:pulumi:Stack";

/** What a run of the engine said, event by event. */
export class EventLog {
  readonly #errors = new Set<string>();
  readonly #warnings = new Set<string>();
  /** How many resources had which operation; empty until the run has ended. */
  changes: OpMap = {};
  /** Each operation that did something, as `update kubernetes:core/v1:Secret edge`. */
  readonly touched: string[] = [];
  /** Outputs of the stack as the engine shows them: secrets are the word `[secret]`. */
  outputs: unknown = {};

  get errors(): readonly string[] {
    return [...this.#errors];
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  add(event: EngineEvent): void {
    const { diagnosticEvent: said, policyEvent: policy, resOutputsEvent: done, summaryEvent: end } = event;
    const begun = event.resourcePreEvent?.metadata;
    if (begun !== undefined && !["same", "refresh"].includes(begun.op))
      this.touched.push(`${begun.op} ${nameOf(begun.urn)}`);
    if (said !== undefined && !said.ephemeral && !isNoise(said.message)) {
      if (said.severity === "error") this.#errors.add(located(plain(said.message), said.urn));
      if (said.severity === "warning") this.#warnings.add(located(plain(said.message), said.urn));
    }
    if (policy !== undefined) {
      const sayings = policy.enforcementLevel === "mandatory" ? this.#errors : this.#warnings;
      sayings.add(located(`${policy.policyName}: ${plain(policy.message)}`, policy.resourceUrn));
    }
    // A resource that is being deleted has no new state.
    if (done?.metadata.type === ROOT_TYPE && done.metadata.new) this.outputs = masked(done.metadata.new.outputs);
    if (end !== undefined) this.changes = end.resourceChanges;
  }
}

/** A run of the engine that failed, with the messages of the program and the providers. */
export class EngineError extends Error {
  readonly exitCode = EXIT.failed;
  /** One sentence each, as the engine reported them. */
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super(reasons.join("\n"));
    this.name = "EngineError";
    this.reasons = reasons;
  }

  /** Takes what the log has, and the last words of the CLI where it has nothing. */
  static from(error: unknown, log: EventLog): EngineError {
    if (error instanceof EngineError) return error;
    const text = error instanceof Error ? error.message : String(error);
    const reasons = log.errors.length > 0 ? log.errors : saidByTheCli(text);
    return new EngineError(reasons.map((reason) => withRemedy(plain(reason))));
  }
}

/** `kubernetes:core/v1:Secret edge-nutanix-identity` out of a URN. */
export function nameOf(urn: string): string {
  const parts = urn.split("::");
  const type = parts[2]?.split("$").at(-1) ?? "";
  return `${type} ${parts.slice(3).join("::")}`;
}

function located(message: string, urn: string | undefined): string {
  return urn === undefined || urn === "" || urn.includes(`::${ROOT_TYPE}::`) ? message : `${nameOf(urn)}: ${message}`;
}

/** The engine's closing word, that something failed; and where it found a plugin, which these commands chose themselves. */
export function isNoise(message: string): boolean {
  return /^((update|preview|destroy|refresh) failed$|using pulumi-\S+ from \$PATH)/.test(plain(message));
}

/** Mark of a secret in what the engine writes. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Secrets below the first level come with the engine's wrapping around the mask. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, masked(below)]));
}

/** Without the marks that the engine puts where colours go, and without the stack of an error of the program. */
export function plain(message: string): string {
  const text = message.replace(/<\{%[^%]*%\}>/g, "");
  const lines = text.split("\n").filter((line) => process.env["K0RDENT_NUTANIX_DEBUG"] || !STACK_LINE.test(line));
  return lines.join("\n").trim();
}

const STACK_LINE = /^\s+at .*(:\d+:\d+\)?|\((native|<anonymous>)\))$/;

/** The lines that begin with `error:`, with what follows them; else all of it. */
function saidByTheCli(text: string): string[] {
  const stderr = /stderr: ([\s\S]*?)\n err\?: /.exec(text)?.[1] ?? text;
  const errors = stderr.split(/^error: /m).slice(1);
  return (errors.length > 0 ? errors : [stderr]).map((error) => error.trim());
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /incorrect passphrase/,
    "the passphrase in PULUMI_CONFIG_PASSPHRASE is not this stack's; unset it for the stack dev, or set the stack's own",
  ],
  [/no space left on device/, "the disk is full; free some space and run the command again"],
  [/stack is currently locked/, "another run is at work on it; wait until it has finished, or run pulumi cancel"],
];

function withRemedy(reason: string): string {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(reason))?.[1];
  return remedy === undefined ? reason : `${reason}\n${remedy}`;
}
