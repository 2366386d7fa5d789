/**
 * Does the one thing that kwokctl uses kubectl for, `get --raw PATH`, so that kubectl is not needed, not downloaded into
 * every sandbox, and leaves no cache in the user's home.
 */
import { parseArgs } from "node:util";
import { connectSandbox } from "./settle.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kubeconfig: { type: "string" }, raw: { type: "string" } },
});
if (positionals[0] !== "get" || !values.kubeconfig || !values.raw) {
  console.error("this stand-in for kubectl supports only: --kubeconfig FILE get --raw PATH");
  process.exit(2);
}
try {
  const { code, text } = await (await connectSandbox(values.kubeconfig)).request({ path: values.raw, retries: false });
  console.log(text);
  process.exitCode = code < 300 ? 0 : 1;
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
