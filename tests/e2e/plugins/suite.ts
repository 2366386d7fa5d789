import { findTools, TOOL_NAMES, type ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { realPlugins } from "../../../sandbox/plugins/install.ts";
import { skip } from "../../support/skip.ts";
import { TestCluster } from "./plugin-cluster.ts";
import { Bench, type Kind } from "./plugin-stack.ts";

export interface Fixture {
  bench: Bench;
  cluster: TestCluster;
}

/** Runs the same cases against the stand-in plugins and, where they are, the real ones. */
export function pluginSuite(title: string, cases: (fixture: () => Fixture, kind: Kind) => void): void {
  let cluster: Promise<TestCluster> | undefined;

  after(async () => (await cluster)?.stop());

  for (const kind of ["stand-in", "real"] as const) {
    describe(`${title}, ${kind} plugins`, function () {
      this.timeout(180_000);
      let fixture: Fixture | undefined;

      before(async function () {
        const reason = await whyNot(kind);
        if (reason) skip(this, reason);
        const { paths } = await findTools(TOOL_NAMES);
        const tools = paths as ToolPaths;
        cluster ??= TestCluster.start(tools);
        const started = await cluster;
        fixture = { cluster: started, bench: new Bench(kind, tools, started.sandbox.kubeconfig) };
      });

      afterEach(async function () {
        if (this.currentTest?.state === "failed") {
          await fixture?.cluster.clear();
        }
      });

      after(() => fixture?.bench.remove());

      cases(() => {
        if (!fixture) {
          throw new Error("the suite has not started");
        }
        return fixture;
      }, kind);
    });
  }
}

async function whyNot(kind: Kind): Promise<string | undefined> {
  const { missing } = await findTools(TOOL_NAMES);
  if (missing.length > 0) {
    return `${missing.join(", ")} not found; run npm run tools`;
  }
  const real = realPlugins();
  return kind === "real" && !(real.kubernetes && real.random) ? "the real plugins are not installed" : undefined;
}
