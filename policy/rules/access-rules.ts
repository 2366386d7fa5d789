/** Rules about who may call the API server and the kubelets. */
import { clustersOf } from "./clusters.ts";
import type { Field } from "./field.ts";
import { type ComponentArgument, componentArguments, isTrueFlag } from "./k0s-arguments.ts";
import { mandatory, type Rule } from "./rule.ts";
import type { Violation } from "./violation.ts";

export const apiServerAccessIsRestricted: Rule = {
  name: "api-server-access-is-restricted",
  category: "tls",
  level: mandatory,
  inspects:
    "the arguments `anonymous-auth`, `authorization-mode` and those of admission plugins in `spec.api` of k0s configurations in ClusterDeployments and control planes, and the kubelets' access in their `spec.workerProfiles`",
  why: "with them any client that reaches the endpoint or a node can call the API server or a kubelet without authentication, or do anything; k0s sets all of them safely",
  remedy: "remove the argument",
  example:
    'clusters.demo.k0s.config.spec.api.extraArgs.anonymous-auth: "true" lets unauthenticated clients call the API server; remove it, since k0s sets it to false',
  check: (targets) =>
    clustersOf(targets).flatMap(({ k0s }) => [
      ...componentArguments(k0s.config.at("spec", "api")).flatMap(argumentViolations),
      ...k0s.config.at("spec", "workerProfiles").items.flatMap((profile) => kubeletViolations(profile.at("values"))),
    ]),
};

function argumentViolations(argument: ComponentArgument): Violation[] {
  const { name, field } = argument;
  const words = (argument.value ?? "").split(",").map((word) => word.trim());
  const violation = (reason: string, value: string): Violation[] => [
    field.violation(reason, `remove it, since k0s sets it to ${value}`),
  ];
  switch (name) {
    case "anonymous-auth":
      return isTrueFlag(argument) ? violation("lets unauthenticated clients call the API server", "false") : [];
    case "authorization-mode":
      return words.includes("RBAC") && !words.includes("AlwaysAllow")
        ? []
        : violation("lets every client do anything, or none what it needs", "Node,RBAC");
    case "enable-admission-plugins":
      return words.includes(RESTRICTION) && !words.includes("AlwaysAdmit")
        ? []
        : [
            field.violation(
              "replaces k0s's list: every node can change the other nodes and their pods",
              `add ${RESTRICTION}, and no AlwaysAdmit`,
            ),
          ];
    case "disable-admission-plugins":
      return words.includes(RESTRICTION)
        ? [field.violation("lets every node change the other nodes and their pods", `remove ${RESTRICTION} from it`)]
        : [];
    default:
      return [];
  }
}

const RESTRICTION = "NodeRestriction";

/** A kubelet executes commands in its pods for whoever it lets in. */
function kubeletViolations(kubelet: Field): Violation[] {
  const anonymous = kubelet.at("authentication", "anonymous", "enabled");
  const mode = kubelet.at("authorization", "mode");
  const port = kubelet.at("readOnlyPort");
  return [
    ...(anonymous.value === true ? [anonymous] : []),
    ...(mode.value === "AlwaysAllow" ? [mode] : []),
    ...(port.isSet && port.value !== 0 ? [port] : []),
  ].map((field) => field.violation("lets unauthenticated clients call the kubelet, or do anything", "remove it"));
}
