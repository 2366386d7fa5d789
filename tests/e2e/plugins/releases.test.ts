import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { assertChanges, k8s, type Program, pulumi } from "./plugin-stack.ts";
import { type Fixture, pluginSuite } from "./suite.ts";

/** A chart with a ConfigMap, and on demand an object of no kind, or a Deployment that never gets ready. */
function writeChart({ bench }: Fixture): string {
  const chart = join(bench.directory, "chart");
  mkdirSync(join(chart, "templates"), { recursive: true });
  writeFileSync(
    join(chart, "Chart.yaml"),
    stringify({ apiVersion: "v2", name: "tiny", version: "0.1.0", appVersion: "9" }),
  );
  const map = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "{{ .Release.Name }}-map" },
    data: { greeting: "{{ .Values.greeting }}" },
  };
  const labels = { app: "stuck" };
  const pod = { nodeSelector: { no: "where" }, containers: [{ name: "c", image: "none" }] };
  const stuck = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "stuck" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  };
  const bad = { apiVersion: "v1", kind: "Nope", metadata: { name: "nope" } };
  const when = (key: string, object: object) => `{{- if .Values.${key} }}\n---\n${stringify(object)}{{- end }}\n`;
  writeFileSync(join(chart, "templates", "all.yaml"), `${stringify(map)}${when("bad", bad)}${when("stuck", stuck)}`);
  return chart;
}

pluginSuite("releases", (fixture) => {
  const release =
    (values: object, timeout = 60): Program =>
    (provider) => {
      const chart = writeChart(fixture());
      const made = new k8s.helm.v3.Release(
        "release",
        { chart, name: "tiny", namespace: "tiny", createNamespace: true, values, timeout },
        { provider },
      );
      const { status, revision, version } = made.status;
      return { status, revision, version, name: made.name, names: made.resourceNames };
    };

  it("are installed, left alone, upgraded, and uninstalled", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const values = async () =>
      Object.fromEntries(Object.entries(await stack.outputs()).map(([key, output]) => [key, output.value]));
    assert.equal((await stack.preview(release({ greeting: "hi" }))).error, undefined);
    const installed = await stack.up(release({ greeting: "hi" }));
    assert.equal(installed.error, undefined, installed.output);
    const first = {
      status: "deployed",
      revision: 1,
      version: "0.1.0",
      name: "tiny",
      names: { "ConfigMap/v1": ["tiny-map"] },
    };
    assert.deepEqual(await values(), first);
    assertChanges(await stack.up(release({ greeting: "hi" })), {});
    assertChanges(await stack.up(release({ greeting: "ho" })), { update: 1 });
    assert.deepEqual(await values(), { ...first, revision: 2 });
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "tiny-map", namespace: "tiny" } };
    assert.equal((await cluster.get(map)).data.greeting, "ho");
    await stack.refresh();
    assertChanges(await stack.preview(release({ greeting: "ho" })), {});
    assert.equal((await stack.destroy()).error, undefined);
    assert.equal(await cluster.get(map), undefined);
  });

  it("that do not get ready stay in the state and are mended by the next up", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const late = await stack.up(release({ greeting: "hi", stuck: true }, 4));
    assert.match(late.output, /Helm release "tiny\/tiny" was created, but failed to initialize completely/);
    assert.equal((await stack.resources()).at(-1).id, "tiny/tiny");
    const mended = await stack.up(release({ greeting: "hi" }));
    assert.equal(mended.error, undefined, mended.output);
    assertChanges(mended, { update: 1 });
    const refused = await stack.up(release({ greeting: "hi", bad: true }));
    assert.match(refused.output, /no matches for kind "Nope" in version "v1"/);
    assert.equal((await stack.destroy()).error, undefined);
  });

  it("keep secret values out of the state", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const word = "hunter2-in-values";
    const program: Program = (provider) => release({ greeting: pulumi.secret(word) })(provider);
    const up = await stack.up(program);
    assert.equal(up.error, undefined, up.output);
    assert.equal(stack.stored().includes(word), false);
    assert.equal(up.output.includes(word), false);
    await stack.destroy();
  });

  it("without a chart fail in preview, with the chart's name", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const preview = await stack.preview(
      (provider) => new k8s.helm.v3.Release("release", { chart: "./no-such-chart" }, { provider }),
    );
    assert.match(preview.output, /no-such-chart/);
    assert.match(preview.output, /check the chart name and repository configuration/);
  });
});
