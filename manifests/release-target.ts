/** What the rules see of a Helm release: its inputs, as if they were an object's. */
import type { PolicyTarget } from "../policy/rules/rule.ts";
import type { Config } from "./cluster-config.ts";

export interface ReleaseInputs {
  readonly name: string;
  readonly chart: string;
  readonly version?: string;
  readonly values: Config;
  /** kcm version that the release goes with, where that is another release. */
  readonly kcmVersion?: string;
}

export function releaseTarget(at: string, { name, chart, version, values, kcmVersion }: ReleaseInputs): PolicyTarget {
  return {
    at,
    object: {
      apiVersion: "helm.sh/v3",
      kind: "Release",
      metadata: { name },
      spec: {
        chart,
        values,
        ...(version === undefined ? {} : { version }),
        ...(kcmVersion === undefined ? {} : { kcmVersion }),
      },
    },
  };
}
