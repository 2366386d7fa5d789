import { Listr } from "listr2";
import { printableLine } from "../../policy/rules/printable.ts";

/** How a step reports its progress. */
export interface StepProgress {
  /** A line below the step's title; on a terminal only the newest are shown. */
  say(line: string): void;
  /** Replaces the title, with the result of the step. */
  title(text: string): void;
}

export interface ProgressStep {
  readonly title: string;
  run(progress: StepProgress): Promise<void>;
}

const LINES_SHOWN = 5;

/** Runs steps in order and shows their progress; outside a terminal, one plain line each. */
export async function runSteps(steps: readonly ProgressStep[], signal?: AbortSignal): Promise<void> {
  let cause: unknown;
  const list = new Listr(
    steps.map(({ title, run }) => ({
      title,
      rendererOptions: { outputBar: LINES_SHOWN, persistentOutput: false },
      task: async (_: unknown, task: { output: string; title: string }) => {
        try {
          signal?.throwIfAborted();
          await run({
            say: (line) => {
              task.output = printableLine(line);
            },
            title: (text) => {
              task.title = printableLine(text);
            },
          });
        } catch (error) {
          cause = error;
          throw new Error("see below");
        }
      },
    })),
    // This program handles signals: a run finishes its operations first.
    { fallbackRenderer: "simple", registerSignalListeners: false, rendererOptions: { collapseErrors: false } },
  );
  await list.run().catch((error: unknown) => {
    throw cause ?? error;
  });
}
