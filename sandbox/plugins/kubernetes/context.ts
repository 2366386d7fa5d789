import type { Engine } from "../engine-log.ts";
import type { Settings } from "./settings.ts";

export interface Context {
  settings: Settings;
  engine: Engine;
  signal: AbortSignal;
}
