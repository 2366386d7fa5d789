import pulumi from "@pulumi/pulumi";

export interface TestRuntimeOptions {
  readonly project: string;
  readonly stack: string;
  /** Whether the program sees a preview. */
  readonly preview: boolean;
}

/** Starts Pulumi's test runtime, which passes resources to `register` instead of an engine. */
export async function startTestRuntime(
  run: TestRuntimeOptions,
  register: pulumi.runtime.Mocks["newResource"],
): Promise<void> {
  await pulumi.runtime.setMocks(
    { newResource: register, call: ({ inputs }) => inputs },
    run.project,
    run.stack,
    run.preview,
    // The organization of backends without organizations.
    "organization",
  );
  // The test runtime claims to support hooks, but lacks the calls that register them.
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, unknown>;
  const accept = (_request: unknown, done: (error: null, response: object) => void) => done(null, {});
  monitor["registerResourceHook"] = accept;
  monitor["registerErrorHook"] = accept;
}
