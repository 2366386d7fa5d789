/** The same manifests by `kubectl apply --server-side` and by OpenTofu with the provider alekc/kubectl, where both are on PATH. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { PROJECT } from "../cli/stack/paths.ts";
import { writeClusters } from "./bench-stack.ts";
import { timed } from "./child-process.ts";
import type { Bed } from "./engine-figures.ts";
import type { Size } from "./local-figures.ts";
import type { Figures } from "./samples.ts";

interface ApplyBed extends Bed {
  readonly kubeconfig: string;
}

type Step = (clusters: number) => Promise<void>;

/** How another program does what the engine does. Its "up" too ends when every cluster is ready. */
interface Contender {
  readonly name: string;
  readonly steps: Readonly<Record<string, Step>>;
}

export async function applyFigures(sizes: readonly Size[], bed: ApplyBed, figures: Figures): Promise<void> {
  const contenders = [await kubectl(bed), await openTofu(bed)];
  for (const { clusters, rounds } of sizes) {
    await renderClusters(bed, clusters);
    for (let round = 0; round < rounds; round += 1)
      for (const contender of contenders) {
        if (typeof contender === "string") {
          if (round === 0) bed.report(contender);
          continue;
        }
        for (const [what, step] of Object.entries(contender.steps)) {
          bed.signal.throwIfAborted();
          const start = performance.now();
          await step(clusters);
          const seconds = (performance.now() - start) / 1000;
          bed.report(`${clusters} clusters, ${contender.name}: ${what} ${seconds.toFixed(1)} s`);
          figures.add({ what, unit: "s", clusters }, contender.name, seconds);
        }
      }
  }
}

const FIRST = "first";
const LAST = "clusters";

/** The clusters' own manifests in two folders: kcm admits a ClusterDeployment only when its Credential is ready. */
async function renderClusters({ folder }: ApplyBed, clusters: number): Promise<void> {
  writeClusters(folder, clusters);
  const out = join(folder, "manifests");
  rmSync(out, { recursive: true, force: true });
  await execa(process.execPath, [join(PROJECT, "bench", "render-run.ts"), folder, out]);
  for (const name of [FIRST, LAST]) mkdirSync(join(out, name));
  for (const file of readdirSync(out).filter((name) => /-c\d{5}/.test(name)))
    renameSync(join(out, file), join(out, file.startsWith("clusterdeployment-") ? LAST : FIRST, file));
}

async function kubectl({ folder, kubeconfig }: ApplyBed): Promise<Contender | string> {
  if (!(await isRunnable("kubectl", ["version", "--client"]))) return "kubectl: not measured; it is not on PATH";
  const run = (...words: string[]) =>
    execa("kubectl", ["--kubeconfig", kubeconfig, "--namespace", "kcm-system", ...words]);
  const files = (name: string) => ["--filename", join(folder, "manifests", name)];
  const apply = async (name: string, kind: string, condition: string) => {
    await run("apply", "--server-side", "--force-conflicts", ...files(name));
    await run("wait", `--for=${condition}`, kind, "--all", "--timeout=3600s");
  };
  const up = async () => {
    await apply(FIRST, "credentials", "jsonpath={.status.ready}=true");
    await apply(LAST, "clusterdeployments", "condition=Ready");
  };
  return {
    name: "kubectl apply --server-side",
    steps: {
      up,
      "up that changes nothing": up,
      "removal of all clusters": async () => {
        await run("delete", ...files(LAST));
        await run("delete", ...files(FIRST));
      },
    },
  };
}

async function openTofu({ folder, kubeconfig }: ApplyBed): Promise<Contender | string> {
  const plugin = await execa("which", ["terraform-provider-kubectl"], { reject: false });
  if (plugin.exitCode !== 0 || !(await isRunnable("tofu", ["version"])))
    return "OpenTofu: not measured; tofu or terraform-provider-kubectl is not on PATH";
  const directory = join(folder, "tofu");
  mkdirSync(directory);
  const settings = join(directory, "tofu.rc");
  writeFileSync(
    settings,
    `provider_installation {\n  dev_overrides { "alekc/kubectl" = "${dirname(plugin.stdout)}" }\n  direct {}\n}\n`,
  );
  writeFileSync(join(directory, "main.tf"), configuration(join(folder, "manifests"), kubeconfig));
  const env = { TF_CLI_CONFIG_FILE: settings };
  const run = async (...words: string[]) => {
    await timed(["tofu", `-chdir=${directory}`, ...words, "-input=false", "-no-color"], { env });
  };
  const up = () => run("apply", "-auto-approve");
  return {
    name: "OpenTofu",
    steps: {
      preview: () => run("plan"),
      up,
      "up that changes nothing": up,
      "removal of all clusters": () => run("destroy", "-auto-approve"),
    },
  };
}

function configuration(manifests: string, kubeconfig: string): string {
  const resource = (name: string, files: string, rest: string) => `
resource "kubectl_manifest" "${name}" {
  for_each          = fileset("${manifests}", "${files}")
  yaml_body         = file("${manifests}/\${each.value}")
  server_side_apply = true
  force_conflicts   = true
${rest}}
`;
  const after = (name: string, wait: string) => `  depends_on = [kubectl_manifest.${name}]
  wait_for {
${wait}
  }
  timeouts {
    create = "60m"
  }
`;
  const isReady = `    field {
      key   = "status.ready"
      value = "true"
    }`;
  const hasCondition = `    condition {
      type   = "Ready"
      status = "True"
    }`;
  return `
terraform {
  required_providers {
    kubectl = { source = "alekc/kubectl" }
  }
}
provider "kubectl" {
  config_path = "${kubeconfig}"
}
${resource("secrets", `${FIRST}/secret-*.yaml`, "")}
${resource("credentials", `${FIRST}/credential-*.yaml`, after("secrets", isReady))}
${resource("clusters", `${LAST}/*.yaml`, after("credentials", hasCondition))}`;
}

async function isRunnable(file: string, words: readonly string[]): Promise<boolean> {
  return (await execa(file, words, { reject: false })).exitCode === 0;
}
