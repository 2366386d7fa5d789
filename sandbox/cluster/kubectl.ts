/**
 * Answers the one question that kwokctl has for kubectl, `get --raw PATH`, so that kubectl need not be there, is not downloaded into
 * every sandbox, and leaves no cache in the user's home.
 */
import { parseArgs } from "node:util";
import { Api } from "./api-health.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kubeconfig: { type: "string" }, raw: { type: "string" } },
});
if (positionals[0] !== "get" || !values.kubeconfig || !values.raw) {
  console.error("this stand-in for kubectl only knows: --kubeconfig FILE get --raw PATH");
  process.exit(2);
}
const api = new Api(values.kubeconfig);
try {
  const { status, body } = await api.call("GET", values.raw);
  console.log(body);
  process.exitCode = status < 300 ? 0 : 1;
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  api.close();
}
