import type { Command } from "commander";
import { EXIT } from "../output/failure.ts";
import { print } from "../output/print.ts";
import type { OrphansOptions } from "../stack/collect-orphans.ts";
import { withTargetOptions } from "../stack/target.ts";

const HELP = `
Compares Prism Central with the management cluster: lists virtual machines without a Machine, and CAPX categories and
volumes of hosted etcds without a cluster. Deletes nothing. Clusters of another management cluster on the same Prism Central
are listed too: check before you delete anything.

NUTANIX_USER and NUTANIX_PASSWORD hold the login. --prism-central, or NUTANIX_ENDPOINT, holds the address.

Examples:
  $ npm run orphans -- --prism-central pc.example.com
  $ npm run --silent orphans -- --prism-central pc.example.com --trust-bundle ca.pem --json

Exit codes: 0 no orphans, 1 failed, 2 usage error, 3 orphans found.`;

export function registerOrphans(program: Command): void {
  withTargetOptions(program.command("orphans"))
    .description("list virtual machines, categories and etcd volumes that no cluster owns")
    .option("--prism-central <address>", "address of Prism Central (default: NUTANIX_ENDPOINT)")
    .option("--port <port>", "port of Prism Central", "9440")
    .option("--trust-bundle <file>", "PEM file of CAs to trust, besides the public ones")
    .option("--insecure", "skip TLS verification")
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(orphans);
}

async function orphans({ json, ...options }: OrphansOptions & { readonly json?: boolean }): Promise<void> {
  const { collectOrphans, orphansText } = await import("../stack/collect-orphans.ts");
  const found = await collectOrphans(options);
  print(json ? JSON.stringify(found, undefined, 2) : orphansText(found));
  if (found.categories.length + found.machines.length + found.volumes.length > 0) process.exitCode = EXIT.notReady;
}
