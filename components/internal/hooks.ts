import pulumi from "@pulumi/pulumi";

/**
 * Whether Pulumi's test runtime stands in for the engine. `runtime.hasEngine()` says no for an inline program of the Automation API
 * too, whose engine is there.
 */
export function isTestRuntime(): boolean {
  const monitor: object | undefined = pulumi.runtime.getMonitor();
  return monitor !== undefined && "mocks" in monitor;
}

/** The option `hooks` with what `make` makes; without any under Pulumi's test runtime, which takes none: a program's unit tests would end there. */
export function withHooks(make: () => pulumi.ResourceHookBinding): { hooks: pulumi.ResourceHookBinding } {
  return { hooks: isTestRuntime() ? {} : make() };
}
