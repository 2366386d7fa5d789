/** Stack file → manifests → policies in a process of its own, without Pulumi's engine. Argument: a project folder. */
import { writeSync } from "node:fs";
import "@pulumi/pulumi";
import { withSettings } from "../cli/stack/stack-settings.ts";
import "../cli/stack/test-runtime.ts";
import { readConfig } from "../config/index.ts";
import { stackManifests } from "../manifests/stack-manifests.ts";
import { STACK } from "./bench-stack.ts";

const start = performance.now();
const run = () => {
  const config = readConfig();
  return stackManifests(config, config.bundles).length;
};
const manifests = await withSettings({ stack: STACK, workDir: process.argv[2] ?? "" }, run);
writeSync(1, JSON.stringify({ seconds: (performance.now() - start) / 1000, manifests }));
process.exit();
