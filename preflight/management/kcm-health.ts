import { formatCause, readiness } from "../../kubernetes/readiness.ts";
import { MANAGEMENT } from "../../manifests/names.ts";
import { compareMinors, KCM_LINES, lineOf, minorOf } from "../../policy/rules/versions.ts";
import { answer, type StackCheck } from "../check.ts";
import { managementOf } from "./connection.ts";
import { installed } from "./installed.ts";

const BRING = "set management.adopt: false, so that this stack installs kcm, or name the cluster that has one";

/** `1.2 to 1.11`. */
function knownVersions(): string {
  return `${KCM_LINES[0]?.kcm[0]} to ${KCM_LINES.at(-1)?.kcm[1]}`;
}

export const kcmVersionMatches: StackCheck = {
  id: "kcm-version-matches",
  asks: "is kcm there, at a version that is known here and that the stack names?",
  scope: "stack",
  run: async (context) => {
    const say = answer(kcmVersionMatches.id);
    const { adopt, kcm } = context.stack.management;
    const live = await installed(await managementOf(context));
    if (!live.kcm) {
      if (!adopt) return [say.pass(`kcm is not there: ${kcm.version} comes with this up`)];
      return [say.fail("there is no kcm on this cluster, and management.adopt is true", BRING)];
    }
    const { version } = live;
    if (version === undefined)
      return [say.unknown("kcm runs, and neither its Release nor its Deployment says a version")];
    if (lineOf(version) === undefined) {
      return [
        say.fail(
          `kcm ${version} runs, and what is known here is ${knownVersions()}`,
          "use a version of this project that knows it",
        ),
      ];
    }
    const tested =
      lineOf(version)?.tested === true ? "" : "; the objects of this project were not tested with that line";
    if (minorOf(version) === minorOf(kcm.version)) return [say.pass(`kcm ${version} runs${tested}`)];
    if (adopt) {
      return [
        say.fail(
          `kcm ${version} runs, and the stack names ${kcm.version}, by which CAPX is chosen`,
          `set management.kcm.version: ${version}`,
        ),
      ];
    }
    if (compareMinors(minorOf(version), minorOf(kcm.version)) > 0) {
      return [
        say.unknown(
          `kcm ${version} runs, and the stack names the older ${kcm.version}: whether kcm can go back is not known`,
          `set management.kcm.version: ${version}`,
        ),
      ];
    }
    return [say.pass(`kcm ${version} runs: this up brings ${kcm.version}`)];
  },
};

export const managementIsHealthy: StackCheck = {
  id: "management-is-healthy",
  asks: "is Management ready in the strict sense: its generation seen, and every component that it names a success?",
  scope: "stack",
  run: async (context) => {
    const say = answer(managementIsHealthy.id);
    const live = await installed(await managementOf(context));
    const { management } = live;
    if (management === undefined) {
      if (!context.stack.management.adopt) return [say.pass(`Management ${MANAGEMENT} comes with this up`)];
      return [say.fail(`there is no Management ${MANAGEMENT}, and management.adopt is true`, BRING)];
    }
    if (management.metadata.deletionTimestamp !== undefined) {
      return [
        say.fail(
          `Management ${MANAGEMENT} is being deleted, since ${management.metadata.deletionTimestamp}`,
          "wait until it is gone, with all that kcm un-installs then; what holds it stands in its finalizers",
        ),
      ];
    }
    const reasons = readiness(management).causes.map(formatCause);
    if (management.status?.["observedGeneration"] === undefined) {
      reasons.unshift("its controller has looked at no generation of it yet, whatever its conditions say");
    }
    if (reasons.length === 0) {
      const components = Object.keys((management.status?.["components"] ?? {}) as object);
      return [say.pass(`Management ${MANAGEMENT} is ready, with ${components.length} components`)];
    }
    return [
      say.fail(
        `Management ${MANAGEMENT} is not ready: ${reasons.join("; ")}`,
        `mend what it names, or wait for it: kubectl describe management ${MANAGEMENT}`,
      ),
    ];
  },
};
