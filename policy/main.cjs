// Node runs the sources in the repository; a packed pack has them compiled, since Node strips no types below node_modules.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

module.exports = () => import(existsSync(join(__dirname, "index.ts")) ? "./index.ts" : "./dist/index.js");
