/** One violation of each rule: one changed property of one resource, in pack-violations.yaml where that is plain data. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { pem } from "../../support/stack-fixture.ts";
import { expiring } from "../../unit/policy/expiring.ts";
import { type PackResource, type ValidResources, validResources } from "./pack-fixture.ts";
import type { PolicyConfig } from "./pack-server.ts";

export interface PackViolation {
  readonly rule: string;
  readonly of: keyof ValidResources;
  /** Path of the property in the resource's inputs, with slashes. */
  readonly path: string;
  /** Undefined: the property is removed. */
  readonly value: unknown;
  /** The path that the message starts with. */
  readonly at: string;
  /** Changes that the violation needs. */
  readonly given?: (resources: ValidResources) => void;
  /** Pulumi's own configuration of the policy. */
  readonly config?: PolicyConfig;
  /** Whether it shows only together with another resource. */
  readonly together?: true;
}

const EDGE = "ClusterDeployment kcm-system/edge";

/** Makes the hosted cluster a standalone one in the subnet of the other. */
function standaloneDemo({ demo, edge }: ValidResources): void {
  const { config } = demo.props["spec"];
  demo.props["spec"].template = edge.props["spec"].template;
  config.machineDefaults.subnets = edge.props["spec"].config.machineDefaults.subnets;
  config.controlPlaneNumber = 3;
  config.controlPlane = { memorySize: "8Gi" };
  config.loadBalancing = { type: "cplb", virtualRouterID: 200 };
}

type More = Partial<Pick<PackViolation, "at" | "given" | "config" | "together">>;
type Row = [of: keyof ValidResources, path: string, value: unknown, more?: More];
const DATA: Readonly<Record<string, Row[]>> = parse(
  readFileSync(join(import.meta.dirname, "pack-violations.yaml"), "utf8"),
);
const ROWS: readonly [rule: string, ...row: Row][] = [
  ...Object.entries(DATA).flatMap(([rule, rows]) => rows.map((row): [string, ...Row] => [rule, ...row])),
  ["trust-bundle-has-ca-crt-key", "bundle", "data/ca.crt", undefined, { at: "ConfigMap kcm-system/edge-pc-ca" }],
  ["trust-bundle-is-valid", "bundle", "data/ca.crt", pem("expired"), { at: "ConfigMap kcm-system/edge-pc-ca[0]" }],
  [
    "router-ids-are-unique",
    "edge",
    "spec/config/loadBalancing/virtualRouterID",
    200,
    { given: standaloneDemo, together: true },
  ],
  [
    "ccm-verifies-prism-central",
    "edge",
    "spec/config/addons",
    { ccm: { enabled: true, version: "0.6.2", trustBundle: "-----BEGIN CERTIFICATE-----" } },
    { at: `${EDGE} spec.config.addons.ccm.version` },
  ],
  [
    "trust-bundle-signatures-are-strong",
    "bundle",
    "data/ca.crt",
    pem("sha1"),
    { at: "ConfigMap kcm-system/edge-pc-ca[0]" },
  ],
  [
    "trust-bundle-does-not-expire-soon",
    "bundle",
    "data/ca.crt",
    expiring(20).pem,
    { at: "ConfigMap kcm-system/edge-pc-ca[0]" },
  ],
  [
    "ccm-credential-is-propagated",
    "edge",
    "spec/propagateCredentials",
    false,
    {
      given: ({ edge }) => {
        edge.props["spec"].config.addons = { ccm: { enabled: true } };
      },
    },
  ],
  [
    "cluster-names-are-unique",
    "demo",
    "metadata/name",
    "edge",
    {
      given: ({ demo }) => {
        demo.props["metadata"].namespace = "other";
      },
      together: true,
      at: "ClusterDeployment other/edge spec.config",
    },
  ],
  [
    "environments-do-not-share-subnets",
    "edge",
    "metadata/labels",
    { environment: "lab" },
    {
      given: ({ demo, edge }) => {
        demo.props["spec"].config.machineDefaults.subnets = edge.props["spec"].config.machineDefaults.subnets;
      },
      together: true,
      at: `${EDGE} spec.config.machineDefaults.subnets.0`,
    },
  ],
  [
    "machines-have-required-categories",
    "machines",
    "spec/template/spec/additionalCategories",
    [{ key: "other", value: "x" }],
    {
      config: { categories: ["owner"] },
      given: ({ edge, demo }) => {
        for (const { props } of [edge, demo]) {
          props["spec"].config.machineDefaults.additionalCategories = [{ key: "owner", value: "x" }];
        }
      },
    },
  ],
  [
    "clusters-have-required-labels",
    "demo",
    "metadata/labels/team",
    "blue",
    {
      config: { labels: { team: "platform" } },
      given: ({ edge, demo }) => {
        for (const { props } of [edge, demo]) props["metadata"].labels = { team: "platform" };
      },
    },
  ],
];

export const PACK_VIOLATIONS: readonly PackViolation[] = ROWS.map(([rule, of, path, value, more]) => ({
  rule,
  of,
  path,
  value,
  at: defaultPath(of, path),
  ...more,
}));

/** The path of a property as rules name it. */
function defaultPath(of: keyof ValidResources, path: string): string {
  const { type, props } = validResources()[of];
  const keys = path.replaceAll("/", ".");
  const kind = type.split(":").at(-1);
  if (kind === "Stack") return `Stack.outputs.${keys}`;
  if (kind === "Release") return `Release ${props["namespace"]}/${props["name"]} inputs.${keys}`;
  return `${kind} ${props["metadata"].namespace}/${props["metadata"].name} ${keys}`;
}

/** Sets a property, or removes it. */
export function put({ props }: PackResource, path: string, value: unknown): void {
  const keys = path.split("/");
  const last = keys.pop() ?? "";
  const parent = keys.reduce((map, key) => map[key], props);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}
