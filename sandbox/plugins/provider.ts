import type { Engine } from "./engine-log.ts";
import type { ValueMap } from "./property-values.ts";

export interface CheckFailure {
  property?: string;
  reason: string;
}

export interface CheckResult {
  inputs: ValueMap;
  failures?: CheckFailure[];
}

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface DiffResult {
  /** Paths of what changed; undefined as a whole: nothing did. */
  changes: Record<string, { kind: DiffKind; inputDiff: boolean }>;
  replaces: string[];
  deleteBeforeReplace: boolean;
}

export interface CheckCall {
  urn: string;
  olds: ValueMap | undefined;
  news: ValueMap;
  seed: Uint8Array;
}

export interface DiffCall {
  urn: string;
  id: string;
  olds: ValueMap;
  news: ValueMap;
  ignoreChanges: string[];
}

export interface ConfigDiffCall {
  olds: ValueMap;
  news: ValueMap;
}

export interface CreateCall {
  urn: string;
  inputs: ValueMap;
  timeout: number;
  preview: boolean;
}

export interface ReadCall {
  urn: string;
  id: string;
  inputs: ValueMap;
  state: ValueMap;
}

export interface UpdateCall extends CreateCall {
  id: string;
  olds: ValueMap;
  ignoreChanges: string[];
}

export interface DeleteCall {
  urn: string;
  id: string;
  state: ValueMap;
  timeout: number;
}

export interface ReadResult {
  /** Empty: the object has gone. */
  id: string;
  state: ValueMap;
  inputs: ValueMap;
}

/** What a plugin of the sandbox can do; timeouts in seconds, 0 = not set. */
export interface Provider {
  version: string;
  configure(variables: Map<string, string>, engine: Engine): Promise<void>;
  diffConfig(call: ConfigDiffCall): { changes: string[]; replaces: string[] };
  check(call: CheckCall): Promise<CheckResult>;
  diff(call: DiffCall): Promise<DiffResult>;
  create(call: CreateCall): Promise<{ id: string; state: ValueMap }>;
  read(call: ReadCall): Promise<ReadResult>;
  update(call: UpdateCall): Promise<ValueMap>;
  delete(call: DeleteCall): Promise<void>;
  cancel(): void;
}

/** The object exists but did not become ready: the engine keeps `state` and tries again in the next up. */
export class InitializationError extends Error {
  readonly id: string;
  readonly state: ValueMap;
  readonly inputs: ValueMap | undefined;
  readonly reasons: string[];
  constructor(
    message: string,
    kept: { id: string; state: ValueMap; inputs?: ValueMap; reasons?: string[] | undefined },
  ) {
    super(message);
    this.id = kept.id;
    this.state = kept.state;
    this.inputs = kept.inputs;
    this.reasons = [message, ...(kept.reasons ?? [])];
  }
}
