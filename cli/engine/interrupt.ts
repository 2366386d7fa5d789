/** A signal that Ctrl-C (or a request to end) aborts. The second Ctrl-C ends the process at once. */
export function onInterrupt(tell: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      tell("stopping when the step at hand is done; once more to stop at once");
      controller.abort();
    });
  }
  return controller.signal;
}
