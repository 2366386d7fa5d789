/** The tools, their versions and where they come from. Data only. */

/** What `npm start` needs. */
export const TOOL_NAMES = [
  "pulumi",
  "pulumi-resource-kubernetes",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwokctl",
  "helm",
] as const;

/** Cluster API's controllers of the two kcm lines, for the conformance tests. */
export const CLUSTER_API_TOOLS = ["cluster-api-1.10", "cluster-api-1.13"] as const;
export type ClusterApiTool = (typeof CLUSTER_API_TOOLS)[number];

/** The random plugin is served by no Go module that builds: where it cannot be downloaded, the sandbox has a stand-in. */
export type ToolName = (typeof TOOL_NAMES)[number] | ClusterApiTool | "pulumi-resource-random";

export interface Download {
  url: string;
  /** A text file of sha256 digests, or GitHub's JSON description of the release. */
  checksums: string;
  /** The file is the binary of this name. Default: it is an archive, which is unpacked. */
  binary?: ToolName;
  /** How many leading folders of the archive are dropped. Default: 1. */
  strip?: number;
}

/** One release of one or more tools. */
export interface Source {
  name: string;
  version: string;
  tools: readonly ToolName[];
  /** Versions that are accepted from PATH, and the arguments that print one. Default: any. */
  accepts?: { from: string; below: string; versionArguments: readonly string[] };
  /** For a Pulumi plugin: its folder under a PULUMI_HOME, looked at before PATH. */
  pluginFolder?: string;
  /** Undefined where no official binaries are published for the platform. */
  downloads(platform: Platform): readonly Download[] | undefined;
  /** Undefined where the Go module proxy does not serve it. */
  build?: {
    /** Folder of the go.mod, below this one. */
    module: "kubernetes" | "pulumi" | "pulumi-kubernetes" | ClusterApiTool;
    /** Main packages by the name that Go gives the binary; a tool that is not named so is a link to the first. */
    packages: Readonly<Record<string, string>>;
    ldflags?: string;
    gcflags?: string;
    /** YAML files of a Go module (glob patterns) that are kept in one file beside the binary. */
    manifests?: { module: string; paths: readonly string[] };
    /** Date of the source, where it is not that of the version. */
    date?: string;
    /** Measured on two cores after the ones above it, nothing cached. */
    seconds: number;
  };
}

export interface Platform {
  os: "linux" | "darwin";
  arch: "amd64" | "arm64";
}

const github = (repository: string, version: string) => ({
  files: `https://github.com/${repository}/releases/download/v${version}`,
  digests: `https://api.github.com/repos/${repository}/releases/tags/v${version}`,
});

function etcd(version: string): Source {
  const { files } = github("etcd-io/etcd", version);
  return {
    name: "etcd",
    version,
    tools: ["etcd"],
    accepts: { from: "3.5.0", below: "4.0.0", versionArguments: ["--version"] },
    downloads: ({ os, arch }) => [
      {
        url: `${files}/etcd-v${version}-${os}-${arch}.${os === "linux" ? "tar.gz" : "zip"}`,
        checksums: `${files}/SHA256SUMS`,
      },
    ],
    build: { module: "kubernetes", packages: { server: "go.etcd.io/etcd/server/v3" }, seconds: 25 },
  };
}

function kubernetes(version: string): Source {
  const tools = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;
  const variables = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  return {
    name: "kubernetes",
    version,
    tools,
    accepts: { from: "1.30.0", below: "2.0.0", versionArguments: ["--version"] },
    downloads: ({ os, arch }) => {
      if (os !== "linux") return undefined;
      const base = `https://dl.k8s.io/release/v${version}/bin/${os}/${arch}`;
      return tools.map((binary) => ({ url: `${base}/${binary}`, checksums: `${base}/${binary}.sha256`, binary }));
    },
    build: {
      module: "kubernetes",
      packages: { "control-plane": "./control-plane" },
      ldflags: variables.map((path) => `-X ${path}.gitVersion=v${version}`).join(" "),
      seconds: 335,
    },
  };
}

function kwok(version: string): Source {
  const { files, digests } = github("kubernetes-sigs/kwok", version);
  const tools = ["kwok", "kwokctl"] as const;
  return {
    name: "kwok",
    version,
    tools,
    accepts: { from: "0.6.0", below: "1.0.0", versionArguments: ["--version"] },
    downloads: ({ os, arch }) =>
      tools.map((binary) => ({ url: `${files}/${binary}-${os}-${arch}`, checksums: digests, binary })),
    build: {
      module: "kubernetes",
      packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok", kwokctl: "sigs.k8s.io/kwok/cmd/kwokctl" },
      seconds: 115,
    },
  };
}

function helm(version: string): Source {
  return {
    name: "helm",
    version,
    tools: ["helm"],
    accepts: { from: "3.0.0", below: "5.0.0", versionArguments: ["version", "--short"] },
    downloads: ({ os, arch }) => {
      const url = `https://get.helm.sh/helm-v${version}-${os}-${arch}.tar.gz`;
      return [{ url, checksums: `${url}.sha256sum` }];
    },
    build: {
      module: "kubernetes",
      packages: { helm: "helm.sh/helm/v3/cmd/helm" },
      ldflags: `-X helm.sh/helm/v3/internal/version.version=v${version}`,
      seconds: 75,
    },
  };
}

function pulumi(version: string): Source {
  const { files } = github("pulumi/pulumi", version);
  return {
    name: "pulumi",
    version,
    tools: ["pulumi"],
    accepts: { from: "3.250.0", below: "4.0.0", versionArguments: ["version"] },
    downloads: ({ os, arch }) => [
      {
        url: `${files}/pulumi-v${version}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
        checksums: `${files}/pulumi-${version}-checksums.txt`,
      },
    ],
    build: {
      module: "pulumi",
      packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
      ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
      seconds: 300,
    },
  };
}

/** Published as an image only. Its definitions and webhooks are kept beside it. */
function clusterApi(tool: ClusterApiTool, version: string): Source {
  const module = "sigs.k8s.io/cluster-api";
  return {
    name: tool,
    version,
    tools: [tool],
    downloads: () => undefined,
    build: {
      module: tool,
      packages: { "cluster-api": module },
      ldflags: `-X ${module}/version.gitVersion=v${version}`,
      manifests: { module, paths: ["config/crd/bases/*.yaml", "config/webhook/manifests.yaml"] },
      seconds: 180,
    },
  };
}

/** A resource plugin, at the version of its npm package. */
function plugin<N extends "kubernetes" | "random">(name: N, version: string): Source {
  const { files, digests } = github(`pulumi/pulumi-${name}`, version);
  return {
    name: `pulumi-${name}`,
    version,
    tools: [`pulumi-resource-${name}`],
    pluginFolder: `resource-${name}-v${version}`,
    downloads: ({ os, arch }) => [
      { url: `${files}/pulumi-resource-${name}-v${version}-${os}-${arch}.tar.gz`, checksums: digests, strip: 0 },
    ],
  };
}

/** The only version of the Kubernetes plugin that the Go module proxy serves is older than the released one. */
const BUILT_PLUGIN = { date: "2026-01-15", seconds: 500 };

/** In the order in which they are got. The versions here and in each go.mod are the same; a test holds them together. */
export const SOURCES: readonly Source[] = [
  etcd("3.7.3"),
  kubernetes("1.36.3"),
  kwok("0.8.0"),
  helm("3.22.0"),
  pulumi("3.250.0"),
  {
    ...plugin("kubernetes", "4.32.0"),
    build: {
      ...BUILT_PLUGIN,
      module: "pulumi-kubernetes",
      packages: { "pulumi-resource-kubernetes": "./pulumi-resource-kubernetes" },
      // The plugin links the whole SDK for Go, and hardly runs it: not optimizing it saves much of the build.
      gcflags: "github.com/pulumi/pulumi-kubernetes/sdk/v4/...=-N -l",
      // The engine warns of a plugin that says an older version than the one it looks for.
      ldflags: `-X github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=4.32.0+source.${BUILT_PLUGIN.date.replaceAll("-", "")}`,
    },
  },
  plugin("random", "4.21.1"),
  clusterApi("cluster-api-1.10", "1.10.4"),
  clusterApi("cluster-api-1.13", "1.13.4"),
];
