import { Listr } from "listr2";

/** How a step tells what it is at. */
export interface Teller {
  /** A line below the step's title; on a terminal only the newest are shown. */
  say(line: string): void;
  /** Another title, with what came of the step. */
  title(text: string): void;
}

export interface Step {
  readonly title: string;
  run(teller: Teller): Promise<void>;
}

const LINES_SHOWN = 5;

/** Runs steps one after the other with their progress; without a terminal it is one plain line each. */
export async function runSteps(steps: readonly Step[], signal?: AbortSignal): Promise<void> {
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
              task.output = line;
            },
            title: (text) => {
              task.title = text;
            },
          });
        } catch (error) {
          cause = error;
          throw new Error("see below");
        }
      },
    })),
    // Signals are this program's to handle: a run must end its operations first.
    { fallbackRenderer: "simple", registerSignalListeners: false, rendererOptions: { collapseErrors: false } },
  );
  await list.run().catch((error: unknown) => {
    throw cause ?? error;
  });
}
