import pulumi from "@pulumi/pulumi";

export interface TestRun {
  readonly project: string;
  readonly stack: string;
  /** Whether the program believes that it runs in a preview. */
  readonly preview: boolean;
}

/** Starts the test runtime that Pulumi ships: resources are handed to `register` in place of an engine. */
export async function startTestRuntime(run: TestRun, register: pulumi.runtime.Mocks["newResource"]): Promise<void> {
  await pulumi.runtime.setMocks(
    { newResource: register, call: ({ inputs }) => inputs },
    run.project,
    run.stack,
    run.preview,
    // What backends without organizations call theirs.
    "organization",
  );
  // It says that it knows hooks, and lacks the calls that register them.
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, unknown>;
  const accept = (_request: unknown, done: (error: null, response: object) => void) => done(null, {});
  monitor["registerResourceHook"] = accept;
  monitor["registerErrorHook"] = accept;
}
