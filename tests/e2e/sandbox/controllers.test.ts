import { clusterTests } from "./cluster-controllers.ts";
import { useSandbox } from "./controllers-fixture.ts";
import { platformTests } from "./platform-controllers.ts";

describe("the sandbox's controllers", function () {
  this.timeout(240_000);
  useSandbox();
  platformTests();
  clusterTests();
});
