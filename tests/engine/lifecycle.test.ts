import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { renderStack, writeObjects } from "../../cli/commands/render.ts";
import type { EngineEvent } from "../../cli/engine/events.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { clearFailures, injectFailures } from "../../sandbox/controllers/failures.ts";
import { type Harness, live, objectsLeft, startHarness, version } from "./harness.ts";
import { encodings } from "./secret-canaries.ts";

/** What the stack `dev` holds, opened with its public passphrase. */
const PASSWORDS = ["global-Pa55word!", 'edge "quoted" Pa55\\word'];

const [CAPI, CAPX] = ["cluster.x-k8s.io/v1beta1", "infrastructure.cluster.x-k8s.io/v1beta1"];
/** Kinds that make machines, or are made into some. */
const MACHINERY = [
  ["k0rdent.mirantis.com/v1beta1", "ClusterDeployment"],
  ["k0rdent.mirantis.com/v1beta1", "Credential"],
  ["k0rdent.mirantis.com/v1beta1", "ClusterTemplate"],
  ["k0rdent.mirantis.com/v1beta1", "Management"],
  [CAPI, "Cluster"],
  [CAPI, "MachineDeployment"],
  [CAPI, "Machine"],
  [CAPX, "NutanixCluster"],
  [CAPX, "NutanixMachineTemplate"],
  [CAPX, "NutanixMachine"],
  ["controlplane.cluster.x-k8s.io/v1beta1", "K0sControlPlane"],
  ["controlplane.cluster.x-k8s.io/v1beta1", "K0smotronControlPlane"],
  ["bootstrap.cluster.x-k8s.io/v1beta1", "K0sWorkerConfigTemplate"],
].map(([apiVersion = "", kind = ""]) => ({ apiVersion, kind }));

/** When the operator that installs CAPX was last told to look at its variables. */
async function operatorTold({ api }: Harness): Promise<string | undefined> {
  const kind = { apiVersion: "operator.cluster.x-k8s.io/v1alpha2", kind: "InfrastructureProvider" };
  const [installed] = await api.list({ ...kind, namespace: "kcm-system" });
  assert.equal(installed?.metadata.name, "nutanix");
  return installed.metadata.annotations?.["k0rdent-nutanix/variables-changed"];
}

describe("the life of a stack, from an empty management cluster to an empty one", () => {
  let rig: Harness;
  const said: string[] = [];
  const note = {
    onEvent: (event: EngineEvent) => {
      // Pulumi's SDK tells the engine every call at level debug, secrets open; nothing prints that without --debug.
      if ((event.diagnosticEvent?.severity as string | undefined) !== "debug") said.push(JSON.stringify(event));
    },
  };

  before(async function () {
    rig = await startHarness(this, "lifecycle");
    // The CSI driver's login is one more copy.
    rig.changeSettings("dev", (settings) => {
      settings["clusters"].edge.addons = { csi: { enabled: true, storageContainer: "default" } };
    });
  });
  after(async () => rig?.close());

  it("previews while the cluster is out of reach and has no CRD", async () => {
    rig.changeSettings("dev", (settings) => {
      settings["management"].kubeconfig = "nowhere/kubeconfig";
    });
    const { changes } = await rig.engine.preview(note);
    rig.changeSettings("dev", (settings) => {
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

  it("sees no drift in fields that controllers write of our objects, and names each field of ours that a person edits", async function () {
    this.timeout(240_000);
    /** What a preview of the living cluster says, as a person reads it, and what it would change. */
    const drift = async () => {
      const options = { refresh: true, diff: true, color: "never" as const };
      const { stdout, changeSummary } = await rig.inFolder(() => rig.engine.automation.preview(options));
      return { stdout, changes: Object.keys(changeSummary).filter((operation) => operation !== "same") };
    };
    const deployment = await live(rig.api, "ClusterDeployment", "demo");
    const credential = await live(rig.api, "Credential", "demo-nutanix");
    const secret = await live(rig.api, "Secret", "demo-nutanix-identity");
    const owned = await live(rig.api, "Secret", "edge-capx-credentials");

    const mark = { labels: { "example.com/seen": "yes" }, annotations: { "example.com/by": "a controller" } };
    for (const object of [deployment, credential, secret, owned])
      await rig.editAs("manager", object, { metadata: mark });
    await rig.editAs("manager", owned, {
      metadata: { finalizers: [...(owned.metadata.finalizers ?? []), "example.com/kept"] },
    });
    await rig.editAs("manager", deployment, { spec: { propagateCredentials: true, serviceSpec: { priority: 100 } } });
    const quiet = await drift();
    assert.deepEqual(quiet.changes, [], quiet.stdout);
    await rig.editAs("manager", owned, { metadata: { finalizers: owned.metadata.finalizers ?? [] } });

    // Whoever edits a field of ours becomes its owner: Pulumi names object, person and field, and forces nothing.
    const edits: [KubernetesObject, object, RegExp][] = [
      [deployment, { spec: { config: { workersNumber: 7 } } }, /\.spec\.config\.workersNumber/],
      [credential, { spec: { description: "edited by hand" } }, /\.spec\.description/],
      [secret, { data: { credentials: Buffer.from("edited by hand").toString("base64") } }, /\.data\.credentials/],
    ];
    for (const [object, edit, field] of edits) {
      const { name } = object.metadata;
      await rig.editAs("kubectl-edit", object, edit);
      await assert.rejects(drift(), (error: Error) => {
        assert.match(error.message, new RegExp(`"kcm-system/${name}"|${name} `), name);
        assert.match(error.message, /conflict with "kubectl-edit"/, name);
        assert.match(error.message, field, name);
        return true;
      });
      // Put back, and given back: else the next change of the field would meet the same owner.
      const { spec, data } = object;
      await rig.editAs("kubectl-edit", object, { spec, data, metadata: { managedFields: [{}] } });
    }
    assert.deepEqual((await drift()).changes, []);
  });

  it("gives kubeconfigs that open an API server", async () => {
    const outputs = await rig.engine.outputs();
    assert.equal(outputs["kubeconfigs"]?.secret, true);
    const { demo } = (outputs["kubeconfigs"]?.value ?? {}) as { demo: string };
    const { connectKubernetes } = await import("../../kubernetes/client.ts");
    const nodes = await (await connectKubernetes({ kubeconfig: demo })).list({ apiVersion: "v1", kind: "Node" });
    assert.ok(nodes.length > 0);
  });

  it("refuses in a preview what may not change of a living cluster, and what needs a word", async () => {
    const preview = async (change: (clusters: Record<string, any>) => void): Promise<string> => {
      const file = join(rig.folder, "Pulumi.dev.yaml");
      const before = readFileSync(file, "utf8");
      rig.changeSettings("dev", (settings) => change(settings["clusters"]));
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
      /clusters\.demo\.nutanix\.controlPlaneEndpoint\.host: "10\.1\.1\.210" was 10\.1\.1\.200 when the cluster was created \(endpoint-is-immutable\); write 10\.1\.1\.200 again/,
    );
    const larger = ({ edge }: Record<string, any>) => {
      edge.controlPlane.memorySize = "16Gi";
    };
    assert.match(
      await preview(larger),
      /clusters\.edge\.controlPlane\.memorySize: changes, which replaces every control plane machine \(control-plane-rollout-is-allowed\)/,
    );
    const decided = await preview(({ edge }) => {
      larger({ edge });
      edge.allowControlPlaneRollout = true;
    });
    assert.match(decided, /"update":1/);
  });

  it("scales workers in place", async () => {
    const before = await live(rig.api, "ClusterDeployment", "demo");
    rig.changeSettings("dev", (settings) => {
      settings["clusters"].demo.workersNumber = 3;
    });
    const { changes } = await rig.engine.up(note);
    const after = await live(rig.api, "ClusterDeployment", "demo");
    assert.equal(changes.update, 1);
    assert.equal(changes.replace, undefined);
    assert.equal(after.metadata.uid, before.metadata.uid);
    assert.equal(((after.spec?.["config"] ?? {}) as { workersNumber?: number }).workersNumber, 3);
  });

  it("rotates every login in every copy, in place: no object that makes a machine is written", async () => {
    const [global, edge] = ["new global Pa55word!", 'new "Pa55" \\ of edge'];
    PASSWORDS.push(global, edge);
    /** Which copy holds whose password, and under which keys. */
    const copies = {
      "nutanix-creds": global,
      "demo-nutanix-identity": global,
      "edge-nutanix-identity": edge,
      "edge-capx-credentials": edge,
    };
    const secrets = () => Promise.all(Object.keys(copies).map((name) => live(rig.api, "Secret", name)));
    const machinery = async () => {
      const lists = await Promise.all(MACHINERY.map((kind) => rig.api.list(kind)));
      return lists.flat().map((object) => `${object.kind}/${object.metadata.name} ${version(object)}`);
    };
    const before = await secrets();
    // What the scaling before set going comes to rest first.
    let still = await machinery();
    for (let last: string[] = []; String(last) !== String(still); ) {
      await sleep(1_000);
      [last, still] = [still, await machinery()];
    }
    const told = () => operatorTold(rig);
    assert.equal(await told(), undefined);
    for (const [name, password] of Object.entries({ global, edge })) {
      await rig.engine.command(["config", "set", "--secret", "--path", `credentials.${name}.password`, password]);
    }
    const lines: string[] = [];
    const listen = {
      onEvent: (event: EngineEvent) => {
        note.onEvent(event);
        if (event.diagnosticEvent?.severity === "info") lines.push(event.diagnosticEvent.message);
      },
    };
    await rig.engine.preview(listen);
    const foreseen = lines.splice(0).join("\n");
    const { changes, touched } = await rig.engine.up(listen);
    assert.equal(changes.update, 4, touched.join());
    assert.equal(changes.replace, undefined);

    const after = await secrets();
    for (const [index, secret] of after.entries()) {
      const { name } = secret.metadata;
      assert.equal(secret.metadata.uid, before[index]?.metadata.uid, name);
      assert.notEqual(version(secret), version(before[index] as KubernetesObject), name);
      const wanted = copies[name as keyof typeof copies];
      const read = (key: string) => Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
      assert.equal(JSON.parse(read("credentials"))[0].data.prismCentral.password, wanted, name);
      if (name === "nutanix-creds") assert.equal(read("NUTANIX_PASSWORD"), wanted);
      if (name === "edge-nutanix-identity")
        assert.equal(read("csi"), `prism-central.example.com:9440:svc-edge@example.com:${edge}`);
    }
    assert.ok(still.length > 10, still.join());
    assert.deepEqual(await machinery(), still);
    // CAPX's own copy is the operator's to make: it is told, since it would look only every ten minutes.
    assert.match((await told()) ?? "", /^\d{4}-\d\d-\d\dT/);
    for (const text of [foreseen, lines.join("\n")]) {
      assert.match(text, /the login in Secret nutanix-creds changes: the Cluster API operator copies it for CAPX/);
      assert.match(text, /the login of demo changes: no machine rolls; .* without a restart$/m);
      assert.match(text, /the login of edge changes: .*kubectl -n ntnx-system rollout restart deployment/);
    }
  });

  it("takes a credential and a cluster added in one change, in preview and in up", async () => {
    rig.changeSettings("dev", (settings) => {
      const { edge } = settings["clusters"];
      settings["clusters"].second = {
        ...edge,
        nutanix: { ...edge.nutanix, controlPlaneEndpoint: { host: "10.1.1.202" } },
      };
      settings["credentials"].second = { username: "svc-second@example.com", generate: { revision: 1 } };
    });
    await rig.engine.preview(note);
    const { changes } = await rig.engine.up(note);
    assert.ok((changes.create ?? 0) > 5);
    assert.equal(changes.update, undefined);
  });

  it("makes a password itself, and rotates it by one number: to the one that was made known before", async () => {
    const passwords = async () => {
      const { passwords: output } = await rig.engine.outputs();
      assert.equal(output?.secret, true);
      return output.value.second as { revision: number; current: string; next: string; former?: string };
    };
    const first = await passwords();
    rig.changeSettings("dev", (settings) => {
      settings["credentials"].second.generate.revision = 2;
    });
    const { changes } = await rig.engine.up(note);
    const second = await passwords();
    PASSWORDS.push(first.current, second.current, second.next);
    assert.deepEqual([first.revision, second.revision], [1, 2]);
    assert.equal(second.current, first.next);
    assert.equal(second.former, first.current);
    assert.match(second.next, /^[A-Za-z0-9]{28}-aA1$/);
    // Both Secrets, and one more password that is made ready.
    assert.deepEqual({ update: changes.update, create: changes.create }, { update: 2, create: 1 });
    for (const name of ["second-nutanix-identity", "second-capx-credentials"]) {
      const text = Buffer.from((await live(rig.api, "Secret", name)).data?.["credentials"] ?? "", "base64");
      assert.equal(JSON.parse(text.toString("utf8"))[0].data.prismCentral.password, second.current);
    }
  });

  it("removes one cluster once its machines are gone, and leaves the others", async function () {
    this.timeout(240_000);
    const machine = async () => {
      const metadata = { name: "second-md-sandbox", namespace: "kcm-system" };
      return rig.api.get({ apiVersion: CAPX, kind: "NutanixMachine", metadata });
    };
    // Each cluster is given a worker whose virtual machine Prism Central does not delete.
    injectFailures(rig.sandbox.directory, ["vm-not-deleted"]);
    await until(async () => (await machine()) !== undefined);
    const demo = (await live(rig.api, "ClusterDeployment", "demo")).metadata.uid;
    rig.changeSettings("dev", (settings) => {
      delete settings["clusters"].second;
      delete settings["credentials"].second;
    });
    let done = false;
    const removal = rig.engine.up(note).finally(() => {
      done = true;
    });
    await until(async () => (await machine())?.metadata.deletionTimestamp !== undefined || done);
    await sleep(3000);
    assert.equal(done, false, "the removal did not wait for the machine");
    // What the machine's virtual machine is deleted with stays as long as it is there.
    await live(rig.api, "ClusterDeployment", "second");
    await live(rig.api, "Credential", "second-nutanix");
    await live(rig.api, "Secret", "second-capx-credentials");
    clearFailures(rig.sandbox.directory);
    await removal;
    assert.equal(await machine(), undefined);
    assert.equal((await live(rig.api, "ClusterDeployment", "demo")).metadata.uid, demo);
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

    rig.changeSettings("dev", (settings) => {
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

/** Waits for something to be so, for a minute at most. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error("it did not come about within a minute");
    await sleep(200);
  }
}

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
