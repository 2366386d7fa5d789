import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "../../cli/events.ts";
import { renderStack, writeObjects } from "../../cli/render.ts";
import { encodings } from "./canaries.ts";
import { live, objectsLeft, type Rig, startRig, version } from "./rig.ts";

/** What the stack `dev` holds, opened with its public passphrase. */
const PASSWORDS = ["global-Pa55word!", 'edge "quoted" Pa55\\word'];

describe("the life of a stack, from an empty management cluster to an empty one", () => {
  let rig: Rig;
  const said: string[] = [];
  const note = {
    onEvent: (event: EngineEvent) => {
      // Pulumi's SDK tells the engine every call at level debug, secrets open; nothing prints that without --debug.
      if ((event.diagnosticEvent?.severity as string | undefined) !== "debug") said.push(JSON.stringify(event));
    },
  };

  before(async function () {
    rig = await startRig(this, "lifecycle");
  });
  after(async () => rig?.close());

  it("previews while the cluster is out of reach and has no CRD", async () => {
    rig.change("dev", (settings) => {
      settings["management"].kubeconfig = "nowhere/kubeconfig";
    });
    const { changes } = await rig.engine.preview(note);
    rig.change("dev", (settings) => {
      settings["management"].kubeconfig = rig.sandbox.kubeconfig;
    });
    assert.ok((changes.create ?? 0) > 25, `only ${changes.create} resources`);
  });

  it("comes up in one run, with CRDs that only this run brings", async () => {
    const { changes, outputs } = await rig.engine.up(note);
    assert.deepEqual(Object.keys(changes), ["create"]);
    const { clusters } = outputs as { clusters: Record<string, { ready: boolean; endpoint: string }> };
    assert.deepEqual(
      Object.entries(clusters).map(([name, { ready, endpoint }]) => [name, ready, endpoint]),
      [
        ["demo", true, "10.1.1.200:6443"],
        ["edge", true, "10.1.1.201:6443"],
      ],
    );
  });

  it("has nothing left to do", async () => {
    const { changes } = await rig.engine.up(note);
    assert.deepEqual(Object.keys(changes), ["same"]);
  });

  it("sees no drift in what controllers wrote", async () => {
    assert.deepEqual(Object.keys((await rig.engine.refresh(note)).changes), ["same"]);
    assert.deepEqual(Object.keys((await rig.engine.preview(note)).changes), ["same"]);
  });

  it("gives kubeconfigs that open an API server", async () => {
    const outputs = await rig.engine.outputs();
    assert.equal(outputs["kubeconfigs"]?.secret, true);
    const { demo } = (outputs["kubeconfigs"]?.value ?? {}) as { demo: string };
    const { connect } = await import("../../components/kubernetes-api.ts");
    const nodes = await (await connect({ kubeconfig: demo, context: undefined })).list(
      { apiVersion: "v1", kind: "Node" },
      "",
    );
    assert.ok(nodes.length > 0);
  });

  it("refuses in a preview what may not change of a living cluster, and what needs a word", async () => {
    const preview = async (change: (clusters: Record<string, any>) => void): Promise<string> => {
      const file = join(rig.folder, "Pulumi.dev.yaml");
      const before = readFileSync(file, "utf8");
      rig.change("dev", (settings) => change(settings["clusters"]));
      try {
        return JSON.stringify((await rig.engine.preview(note)).changes);
      } catch (error) {
        return String(error);
      } finally {
        writeFileSync(file, before);
      }
    };
    const moved = await preview(({ demo }) => {
      demo.nutanix.controlPlaneEndpoint.host = "10.1.1.210";
    });
    assert.match(
      moved,
      /clusters\.demo\.nutanix\.controlPlaneEndpoint\.host: "10\.1\.1\.210" was 10\.1\.1\.200 when the cluster was made \(endpoint-stays\); write 10\.1\.1\.200 again/,
    );
    const larger = ({ edge }: Record<string, any>) => {
      edge.controlPlane.memorySize = "16Gi";
    };
    assert.match(
      await preview(larger),
      /clusters\.edge\.controlPlane\.memorySize: is changed, and every control plane machine would be made anew \(control-plane-rolls-by-decision\)/,
    );
    const decided = await preview(({ edge }) => {
      larger({ edge });
      edge.allowControlPlaneRollout = true;
    });
    assert.match(decided, /"update":1/);
  });

  it("scales workers in place", async () => {
    const before = await live(rig.api, "ClusterDeployment", "demo");
    rig.change("dev", (settings) => {
      settings["clusters"].demo.workersNumber = 3;
    });
    const { changes } = await rig.engine.up(note);
    const after = await live(rig.api, "ClusterDeployment", "demo");
    assert.equal(changes.update, 1);
    assert.equal(changes.replace, undefined);
    assert.equal(after.metadata.uid, before.metadata.uid);
    assert.equal(((after.spec?.["config"] ?? {}) as { workersNumber?: number }).workersNumber, 3);
  });

  it("rotates a password in both its Secrets, in place, and touches no cluster", async () => {
    const names = ["edge-nutanix-identity", "edge-capx-credentials"];
    const before = await Promise.all(names.map((name) => live(rig.api, "Secret", name)));
    const cluster = version(await live(rig.api, "ClusterDeployment", "edge"));
    const rotated = 'new "Pa55" \\ of edge';
    PASSWORDS.push(rotated);
    await rig.engine.command(["config", "set", "--secret", "--path", "credentials.edge.password", rotated]);
    const { changes } = await rig.engine.up(note);
    assert.equal(changes.update, 2);
    assert.equal(changes.replace, undefined);
    const after = await Promise.all(names.map((name) => live(rig.api, "Secret", name)));
    for (const [index, secret] of after.entries()) {
      assert.equal(secret.metadata.uid, before[index]?.metadata.uid);
      const text = Buffer.from(secret.data?.["credentials"] ?? "", "base64").toString("utf8");
      assert.equal(JSON.parse(text)[0].data.prismCentral.password, rotated);
    }
    assert.equal(version(await live(rig.api, "ClusterDeployment", "edge")), cluster);
  });

  it("takes a credential and a cluster added in one change, in preview and in up", async () => {
    rig.change("dev", (settings) => {
      const { edge } = settings["clusters"];
      settings["clusters"].second = {
        ...edge,
        nutanix: { ...edge.nutanix, controlPlaneEndpoint: { host: "10.1.1.202" } },
      };
      settings["credentials"].second = settings["credentials"].edge;
    });
    await rig.engine.preview(note);
    const { changes } = await rig.engine.up(note);
    assert.ok((changes.create ?? 0) > 5);
    assert.equal(changes.update, undefined);
  });

  it("removes one cluster and leaves the others", async () => {
    const demo = version(await live(rig.api, "ClusterDeployment", "demo"));
    rig.change("dev", (settings) => {
      delete settings["clusters"].second;
      delete settings["credentials"].second;
    });
    await rig.engine.up(note);
    assert.equal(version(await live(rig.api, "ClusterDeployment", "demo")), demo);
    assert.deepEqual(
      (await objectsLeft(rig.api)).filter((name) => /\/second(-|$)/.test(name)),
      [],
    );
  });

  it("keeps every secret out of state, events, diffs, logs and rendered files", async () => {
    const encryption = await live(rig.api, "Secret", "demo-encryption-at-rest");
    const key =
      /secret: (\S+)/.exec(
        Buffer.from(encryption.data?.["encryption-config.yaml"] ?? "", "base64").toString("utf8"),
      )?.[1] ?? "";
    const kubeconfig = Buffer.from(
      (await live(rig.api, "Secret", "demo-kubeconfig")).data?.["value"] ?? "",
      "base64",
    ).toString("utf8");
    const token = /token: (\S+)/.exec(kubeconfig)?.[1] ?? /client-key-data: (\S+)/.exec(kubeconfig)?.[1] ?? "";
    const own = /client-key-data: (\S+)/.exec(readFileSync(rig.sandbox.kubeconfig, "utf8"))?.[1] ?? "";
    const secrets = [...PASSWORDS, key, token, own];
    for (const secret of secrets) assert.ok(secret.length >= 10, "a secret to look for is missing");

    rig.change("dev", (settings) => {
      settings["clusters"].demo.workersNumber = 4;
    });
    const diff = await rig.inFolder(
      async () => (await rig.engine.automation.preview({ diff: true, color: "never" })).stdout,
    );
    assert.match(diff, /workersNumber/);
    const shown = mkdtempSync(join(rig.folder, "shown-"));
    writeFileSync(join(shown, "diff"), diff);
    writeFileSync(join(shown, "events"), said.join("\n"));
    writeFileSync(join(shown, "outputs"), await rig.engine.command(["stack", "output", "--json"]));
    writeFileSync(join(shown, "export"), await rig.engine.command(["stack", "export"]));
    await writeObjects((await renderStack({ stack: "dev", workDir: rig.folder })).objects, join(shown, "rendered"));
    const places = [shown, join(rig.folder, "local", "state"), join(rig.folder, "local", "pulumi", "logs")];
    const found = places.flatMap((place) => search(place, secrets));
    assert.deepEqual(found, []);
    assert.ok(said.length > 100);
  });

  it("is destroyed in order, and leaves no object and no finalizer", async () => {
    const order: string[] = [];
    await rig.engine.destroy({
      onEvent: ({ resOutputsEvent: done }) => {
        if (done?.metadata.op === "delete")
          order.push(`${done.metadata.type.split(":").at(-1)} ${done.metadata.urn.split("::").at(-1)}`);
      },
    });
    const place = (name: string) => order.indexOf(name);
    const steps = [
      "ClusterDeployment edge",
      "Credential edge-credential",
      "Management management",
      "Release nutanix",
      "Release kcm",
      "Namespace kcm-namespace",
    ];
    assert.deepEqual(
      steps.filter((step) => place(step) < 0),
      [],
      `order was ${order.join(", ")}`,
    );
    assert.deepEqual(
      [...steps].sort((one, other) => place(one) - place(other)),
      steps,
    );
    assert.deepEqual(await objectsLeft(rig.api), []);
  });
});

/** Files below a folder that hold one of the secrets, in any of its spellings; the secret is named by its number. */
function search(folder: string, secrets: readonly string[]): string[] {
  let files: string[];
  try {
    files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
  return files.flatMap((file) => {
    const bytes = file.endsWith(".gz") ? execFileSync("gzip", ["-dc", file]) : readFileSync(file);
    const text = bytes.toString("latin1");
    return secrets.flatMap((secret, index) =>
      encodings(secret).some((form) => text.includes(form)) ? [`${file}: secret ${index}`] : [],
    );
  });
}
