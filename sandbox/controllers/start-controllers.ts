import { Command } from "commander";
import { runControllers } from "./controller-manager.ts";

interface Options {
  kubeconfig: string;
  directory: string;
  charts: string;
  helm: string;
}

const command = new Command("controllers")
  .description("simulates the controllers and admission of kcm in a sandbox")
  .requiredOption("--kubeconfig <file>", "kubeconfig of the sandbox")
  .requiredOption("--directory <folder>", "the sandbox's folder")
  .requiredOption("--charts <folder>", "folder of the cluster and provider charts")
  .requiredOption("--helm <file>", "the helm binary")
  .parse();

const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop.abort());
const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`);

log("controllers start");
await runControllers({ ...command.opts<Options>(), signal: stop.signal, log });
log("controllers stop");
process.exit(0);
