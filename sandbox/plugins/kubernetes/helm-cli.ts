import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { kubeconfigText } from "./kubeconfig.ts";

export interface HelmCall {
  arguments: string[];
  /** goes through stdin only: values can be secret */
  values?: object;
  /** path or text; empty: no cluster is needed */
  kubeconfig: string;
  context: string | undefined;
  signal: AbortSignal;
}

/** Runs helm with a kubeconfig that only the user can read, and that goes with the run. */
export async function runHelm(call: HelmCall): Promise<string> {
  const text = call.kubeconfig && kubeconfigText(call.kubeconfig);
  if (text === call.kubeconfig && text !== "") {
    const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-helm-"));
    try {
      const path = join(folder, "kubeconfig");
      await writeFile(path, text, { mode: 0o600 });
      return await spawnHelm({ ...call, kubeconfig: path });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return spawnHelm({ ...call, kubeconfig: call.kubeconfig.replace(/^~(?=\/)/, homedir()) });
}

/** Helm is the one of K0RDENT_NUTANIX_HELM, else of PATH. @throws Error with helm's own words */
function spawnHelm(call: HelmCall): Promise<string> {
  const program = process.env["K0RDENT_NUTANIX_HELM"] || "helm";
  const context = call.context ? ["--kube-context", call.context] : [];
  const cluster = call.kubeconfig ? ["--kubeconfig", call.kubeconfig, ...context] : [];
  const helm = spawn(program, [...call.arguments, ...cluster], { stdio: "pipe" });
  const interrupt = () => helm.kill("SIGINT");
  call.signal.addEventListener("abort", interrupt);
  let output = "";
  let complaint = "";
  helm.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  helm.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  helm.stdin.on("error", () => {});
  helm.stdin.end(call.values ? JSON.stringify(call.values) : "");
  return new Promise((resolve, reject) => {
    helm.on("error", (error) =>
      reject(new Error(`${program}: ${error.message}; put helm on PATH or set K0RDENT_NUTANIX_HELM`)),
    );
    helm.on("close", (code) => {
      call.signal.removeEventListener("abort", interrupt);
      code === 0 ? resolve(output) : reject(new Error(essence(complaint) || `helm ended with code ${code}`));
    });
  });
}

/** Helm's last error without its prefix. */
function essence(complaint: string): string {
  const at = complaint.lastIndexOf("Error: ");
  const error = at < 0 ? complaint : complaint.slice(at + "Error: ".length);
  return error.replace(/^(INSTALLATION|UPGRADE) FAILED: /, "").trim();
}
