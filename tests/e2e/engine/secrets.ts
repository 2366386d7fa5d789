import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "../../../cli/engine/events.ts";
import { renderStack } from "../../../cli/stack/render-stack.ts";
import { writeManifests } from "../../../cli/stack/write-manifests.ts";
import type { Harness } from "./harness.ts";
import { encodings } from "./secret-canaries.ts";

/** What runs of the engine report, and the passwords that it must not contain. */
export class Recording {
  readonly events: string[] = [];
  readonly passwords: string[];

  constructor(passwords: string[]) {
    this.passwords = passwords;
  }

  readonly onEvent = (event: EngineEvent): void => {
    // Pulumi's SDK reports every call to the engine at level debug, with secrets; nothing prints that without --debug.
    if ((event.diagnosticEvent?.severity as string | undefined) !== "debug") this.events.push(JSON.stringify(event));
  };
}

/** No secret leaves the places that may have it. */
export function itKeepsSecrets(harness: Harness, { events, passwords }: Recording): void {
  it("writes no secret to state, events, diffs, logs and rendered files", async () => {
    const encryption = await harness.read("Secret", "demo-encryption-at-rest");
    const key =
      /secret: (\S+)/.exec(
        Buffer.from(encryption.data?.["encryption-config.yaml"] ?? "", "base64").toString("utf8"),
      )?.[1] ?? "";
    const kubeconfig = Buffer.from(
      (await harness.read("Secret", "demo-kubeconfig")).data?.["value"] ?? "",
      "base64",
    ).toString("utf8");
    const token = /token: (\S+)/.exec(kubeconfig)?.[1] ?? /client-key-data: (\S+)/.exec(kubeconfig)?.[1] ?? "";
    const ownKey = /client-key-data: (\S+)/.exec(readFileSync(harness.sandbox.kubeconfig, "utf8"))?.[1] ?? "";
    const secrets = [...passwords, key, token, ownKey];
    for (const secret of secrets) assert.ok(secret.length >= 10, "a secret is missing");

    harness.changeSettings("dev", (settings) => {
      settings["clusters"].demo.workersNumber = 4;
    });
    const diff = await harness.inFolder(
      async () => (await harness.engine.automation.preview({ diff: true, color: "never" })).stdout,
    );
    assert.match(diff, /workersNumber/);
    const shown = mkdtempSync(join(harness.folder, "shown-"));
    writeFileSync(join(shown, "diff"), diff);
    writeFileSync(join(shown, "events"), events.join("\n"));
    writeFileSync(join(shown, "outputs"), await harness.command(["stack", "output", "--json"]));
    writeFileSync(join(shown, "export"), await harness.command(["stack", "export"]));
    await writeManifests(
      (await renderStack({ stack: "dev", workDir: harness.folder })).objects,
      join(shown, "rendered"),
    );
    const folders = [shown, join(harness.folder, "local", "state"), join(harness.folder, "local", "pulumi", "logs")];
    const found = folders.flatMap((folder) => search(folder, secrets));
    assert.deepEqual(found, []);
    assert.ok(events.length > 100);
  });
}

/** Files below a folder that hold one of the secrets, in any encoding; the secret is named by its index. */
function search(folder: string, secrets: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return files.flatMap((file) => {
    const bytes = file.endsWith(".gz") ? execFileSync("gzip", ["-dc", file]) : readFileSync(file);
    const text = bytes.toString("latin1");
    return secrets.flatMap((secret, index) =>
      encodings(secret).some((form) => text.includes(form)) ? [`${file}: secret ${index}`] : [],
    );
  });
}
