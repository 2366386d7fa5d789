import { pause } from "../../kubernetes/wait.ts";

/** Starts the next pass: at once, or after a time. */
export class Trigger {
  private wake: (() => void) | undefined;
  private fired = false;

  fire(milliseconds = 0): void {
    if (milliseconds > 0) {
      setTimeout(() => this.fire(), milliseconds).unref();
      return;
    }
    this.fired = true;
    this.wake?.();
  }

  /** Waits until it fires, then returns true, or until the limit in milliseconds. */
  async wait(limit: number, signal: AbortSignal): Promise<boolean> {
    if (!this.fired && !signal.aborted) {
      const cut = new AbortController();
      this.wake = () => cut.abort();
      await pause(limit, AbortSignal.any([cut.signal, signal]));
      this.wake = undefined;
    }
    const { fired } = this;
    this.fired = false;
    return fired;
  }
}
