/** Which tools there are, which versions do, and where they come from. Data only. */

export const TOOL_NAMES = [
  "pulumi",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwokctl",
  "helm",
] as const;

export type ToolName = (typeof TOOL_NAMES)[number];
export type SourceName = "pulumi" | "etcd" | "kubernetes" | "kwok" | "helm";

export interface Download {
  url: string;
  /** A text file of sha256 digests, or GitHub's JSON description of the release. */
  checksums: string;
  /** An archive is unpacked without its first folder; anything else is the binary of this name. */
  binary?: ToolName;
}

/** What is got at once: one release, or one Go module. */
export interface Source {
  name: SourceName;
  version: string;
  tools: readonly ToolName[];
  /** Arguments that make each of its tools print its version. */
  versionArguments: readonly string[];
  /** Lowest version accepted from PATH, and the first that is not. */
  accepts: { from: string; below: string };
  /** Undefined where no official binaries are published for the platform. */
  downloads(platform: Platform): readonly Download[] | undefined;
  build: { binaries: Readonly<Record<string, string>>; links?: Readonly<Record<string, string>>; ldflags: string };
  /** Measured on two cores, nothing cached, in seconds. */
  buildSeconds: number;
}

export interface Platform {
  os: "linux" | "darwin";
  arch: "amd64" | "arm64";
}

const github = (repository: string, version: string) =>
  `https://github.com/${repository}/releases/download/v${version}`;

function pulumi(version: string): Source {
  const base = github("pulumi/pulumi", version);
  return {
    name: "pulumi",
    version,
    tools: ["pulumi"],
    versionArguments: ["version"],
    accepts: { from: "3.250.0", below: "4.0.0" },
    downloads: ({ os, arch }) => [
      {
        url: `${base}/pulumi-v${version}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
        checksums: `${base}/pulumi-${version}-checksums.txt`,
      },
    ],
    build: {
      binaries: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
      ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
    },
    buildSeconds: 225,
  };
}

function etcd(version: string): Source {
  const base = github("etcd-io/etcd", version);
  return {
    name: "etcd",
    version,
    tools: ["etcd"],
    versionArguments: ["--version"],
    accepts: { from: "3.5.0", below: "4.0.0" },
    downloads: ({ os, arch }) => [
      {
        url: `${base}/etcd-v${version}-${os}-${arch}.${os === "linux" ? "tar.gz" : "zip"}`,
        checksums: `${base}/SHA256SUMS`,
      },
    ],
    build: { binaries: { etcd: "go.etcd.io/etcd/server/v3" }, ldflags: "" },
    buildSeconds: 25,
  };
}

function kubernetes(version: string): Source {
  const tools = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;
  return {
    name: "kubernetes",
    version,
    tools,
    versionArguments: ["--version"],
    accepts: { from: "1.30.0", below: "2.0.0" },
    downloads: ({ os, arch }) => {
      if (os !== "linux") return undefined;
      const base = `https://dl.k8s.io/release/v${version}/bin/${os}/${arch}`;
      return tools.map((binary) => ({ url: `${base}/${binary}`, checksums: `${base}/${binary}.sha256`, binary }));
    },
    build: {
      binaries: { kubernetes: "." },
      links: Object.fromEntries(tools.map((name) => [name, "kubernetes"])),
      ldflags: ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
        .map((path) => `-X ${path}.gitVersion=v${version}`)
        .join(" "),
    },
    buildSeconds: 335,
  };
}

function kwok(version: string): Source {
  const base = github("kubernetes-sigs/kwok", version);
  const tools = ["kwok", "kwokctl"] as const;
  return {
    name: "kwok",
    version,
    tools,
    versionArguments: ["--version"],
    accepts: { from: "0.6.0", below: "1.0.0" },
    downloads: ({ os, arch }) =>
      tools.map((binary) => ({
        url: `${base}/${binary}-${os}-${arch}`,
        checksums: `https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags/v${version}`,
        binary,
      })),
    build: {
      binaries: { kwok: "sigs.k8s.io/kwok/cmd/kwok", kwokctl: "sigs.k8s.io/kwok/cmd/kwokctl" },
      ldflags: "",
    },
    buildSeconds: 115,
  };
}

function helm(version: string): Source {
  return {
    name: "helm",
    version,
    tools: ["helm"],
    versionArguments: ["version", "--short"],
    accepts: { from: "3.0.0", below: "5.0.0" },
    downloads: ({ os, arch }) => {
      const url = `https://get.helm.sh/helm-v${version}-${os}-${arch}.tar.gz`;
      return [{ url, checksums: `${url}.sha256sum` }];
    },
    build: {
      binaries: { helm: "helm.sh/helm/v3/cmd/helm" },
      ldflags: `-X helm.sh/helm/v3/internal/version.version=v${version}`,
    },
    buildSeconds: 75,
  };
}

/** The versions here and in each go.mod below this folder are the same; a test holds them together. */
export const SOURCES: readonly Source[] = [
  pulumi("3.250.0"),
  etcd("3.7.3"),
  kubernetes("1.36.3"),
  kwok("0.8.0"),
  helm("3.22.0"),
];
