/** After `npm pack`: puts the repository's package.json back. */
import { renameSync } from "node:fs";
import { KEPT, MANIFEST } from "./package-manifest.ts";

renameSync(KEPT, MANIFEST);
