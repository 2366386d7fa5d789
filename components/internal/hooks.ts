/** The only file that knows Pulumi's hooks and its test runtime, which accepts none: a program's unit tests would fail there. */
import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";

/**
 * Whether Pulumi's test runtime takes the engine's place. `runtime.hasEngine()` is false for an inline program of the Automation
 * API too, which has an engine.
 */
export function isTestRuntime(): boolean {
  const monitor: object | undefined = pulumi.runtime.getMonitor();
  return monitor !== undefined && "mocks" in monitor;
}

/** A hook before or after the steps of a resource, as a list for the option `hooks`. Names are unique in a stack, in kebab-case. */
export function resourceHook(
  name: string,
  callback: (args: pulumi.ResourceHookArgs) => Promise<void>,
  options: pulumi.ResourceHookOptions = {},
): pulumi.ResourceHook[] {
  return isTestRuntime() ? [] : [new pulumi.ResourceHook(name, inProgram(callback), options)];
}

/** A hook that runs when a step of a resource has failed. It never asks for another attempt. */
export function errorHook(name: string, callback: (args: pulumi.ErrorHookArgs) => Promise<void>): pulumi.ErrorHook[] {
  if (isTestRuntime()) return [];
  const run = inProgram(callback);
  return [
    new pulumi.ErrorHook(name, async (args) => {
      await run(args);
      return false;
    }),
  ];
}

/** The engine calls back from outside the program's context, where the log of an inline program is lost. */
function inProgram<A>(callback: (args: A) => Promise<void>): (args: A) => Promise<void> {
  return AsyncLocalStorage.bind(callback);
}
