/** The released definitions of both lines: where their files lie at their tags, and the digests that they must have. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pluralOf } from "../../kubernetes/kinds.ts";
import { type DownloadOptions, fetchText } from "../tools/download.ts";
import { cacheDirectory } from "../tools/find.ts";
import { type CrdLine, KINDS } from "./crd-kinds.ts";

export type CrdDownload = Pick<DownloadOptions, "mirror" | "signal"> & { cache?: string | undefined };

interface ReleasedFiles {
  repository: string;
  tag: string;
  /** Folder in the repository by the beginning of a file's name; the first that matches counts. */
  folders: Readonly<Record<string, string>>;
  /** Of the lines `<sha256>  <file name>` of its files, in the order of their names; computed from the repository at this tag. */
  sha256: string;
}

const BASES = "config/crd/bases";
const KCM = "templates/provider/kcm/templates/crds";

const RELEASES: Readonly<Record<CrdLine, readonly ReleasedFiles[]>> = {
  "1.2": [
    {
      repository: "k0rdent/kcm",
      tag: "v1.2.0",
      folders: { "k0rdent.mirantis.com_": KCM },
      sha256: "bff3e768cca9459ae33953e347b4053ebc07d3c5a4e0eaeefe504d106b3e0a26",
    },
    {
      repository: "nutanix-cloud-native/cluster-api-provider-nutanix",
      tag: "v1.7.0",
      folders: { "infrastructure.": BASES },
      sha256: "0f7840016a49169f531c866aeacb1f688b8d279782cee5052b69a2eaa39ef0a1",
    },
    {
      repository: "k0sproject/k0smotron",
      tag: "v1.6.0",
      folders: {
        "bootstrap.": `${BASES}/bootstrap`,
        "controlplane.": `${BASES}/controlplane`,
        "k0smotron.io_": `${BASES}/k0smotron.io`,
      },
      sha256: "b9c5a553f5130c9cbb1b3d5bcbb3b45649689b2ecc367d598d5a7cb8c2e4b889",
    },
    {
      repository: "kubernetes-sigs/cluster-api",
      tag: "v1.10.4",
      folders: { "cluster.x-k8s.io_": BASES },
      sha256: "70a34fb8fdce4e1997c72099aeef97b48901465e5e60d5d6a87112da90268d6d",
    },
    {
      repository: "kubernetes-sigs/cluster-api-operator",
      tag: "v0.22.0",
      folders: { "operator.": BASES },
      sha256: "cc48e6ffdbdd1c416bc98795ceddf415e2e0c2268afdf29aca27cb300fc11655",
    },
    {
      repository: "fluxcd/source-controller",
      tag: "v1.6.2",
      folders: { "source.": BASES },
      sha256: "09d9f97a113df30cbeac472dbdb8e8c4df51978ca01efbdbdcb57fa1d371a70d",
    },
    {
      repository: "fluxcd/helm-controller",
      tag: "v1.3.0",
      folders: { "helm.": BASES },
      sha256: "b9cebdc81c7b93bd598018fdb009f77027cb08ba35489d0319b12b1238c28718",
    },
  ],
  "1.11": [
    {
      repository: "k0rdent/kcm",
      tag: "v1.11.4",
      folders: {
        "k0rdent.mirantis.com_providerinterfaces": "templates/provider/kcm-regional/templates/crds",
        "k0rdent.mirantis.com_": KCM,
      },
      sha256: "474beae7c82cea18fb83d5ff71eebae2b59825cde6054c1cfda3ef8582fe8ce5",
    },
    {
      repository: "nutanix-cloud-native/cluster-api-provider-nutanix",
      tag: "v1.10.3",
      folders: { "infrastructure.": BASES },
      sha256: "ebd731c602a7f6af017e077f0105c702fa17e4973cbb4f9a529af496049d65c1",
    },
    {
      repository: "k0sproject/k0smotron",
      tag: "v2.0.4",
      folders: {
        "bootstrap.": "config/clusterapi/bootstrap/crd/bases",
        "controlplane.": "config/crd",
        "k0smotron.io_": "config/crd",
      },
      sha256: "d19846b3a2b90e99655b1b63c6d921456cec6bc61d8ad0204fe82e6fc424725e",
    },
    {
      repository: "kubernetes-sigs/cluster-api",
      tag: "v1.13.4",
      folders: { "cluster.x-k8s.io_": BASES },
      sha256: "b59318cef3602525785ee57342ff4928d0bda43206fcc06086169abcfce3cf67",
    },
    {
      repository: "kubernetes-sigs/cluster-api-operator",
      tag: "v0.28.0",
      folders: { "operator.": BASES },
      sha256: "9383d0a1526ea2c674656509d88b1a1d8aed51de7ea68c31b5f5a3df62553d88",
    },
    {
      repository: "fluxcd/source-controller",
      tag: "v1.9.0",
      folders: { "source.": BASES },
      sha256: "0608010632414b4f5f0bd5c43c9ee5b1d5371172bdde272eff023ace80b3c575",
    },
    {
      repository: "fluxcd/helm-controller",
      tag: "v1.6.0",
      folders: { "helm.": BASES },
      sha256: "44f079e3d8be7a50b50a7e3e5b2e6c685dcde594f9ffbea7486fcaf9facd6ba1",
    },
  ],
};

/** The cached folder of a line; undefined before {@link downloadCrds} has filled it. */
export function cachedCrds(line: CrdLine, cache?: string): string | undefined {
  const folder = folderOf(line, cacheDirectory({ cache }));
  return existsSync(folder) ? folder : undefined;
}

/** Fills the cache with the definitions of a line, unless it has them. Throws with the reason, and then leaves nothing. */
export async function downloadCrds(line: CrdLine, options: CrdDownload): Promise<string> {
  const folder = folderOf(line, cacheDirectory(options));
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  try {
    await mkdir(draft, { recursive: true });
    for (const release of RELEASES[line]) await downloadRelease(release, { ...options, line, draft });
    await rename(draft, folder);
    return folder;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function downloadRelease(
  { repository, tag, folders, sha256 }: ReleasedFiles,
  { line, draft, ...options }: CrdDownload & { line: CrdLine; draft: string },
): Promise<void> {
  const files = filesOf(line, Object.keys(folders));
  const digests = await Promise.all(
    files.map(async (file) => {
      const [, folder] = Object.entries(folders).find(([start]) => file.startsWith(start)) ?? [];
      const text = await fetchText(`https://raw.githubusercontent.com/${repository}/${tag}/${folder}/${file}`, options);
      await writeFile(join(draft, file), text);
      return `${digestOf(text)}  ${file}\n`;
    }),
  );
  const actual = digestOf(digests.join(""));
  if (actual === sha256) return;
  throw new Error(`the definitions of ${repository} ${tag} have the sha256 ${actual}, but ${sha256} is expected`);
}

/** Names of a line's files that begin so. */
function filesOf(line: CrdLine, starts: readonly string[]): string[] {
  return KINDS.filter(({ lines }) => lines.includes(line))
    .map(({ group, kind }) => `${group}_${pluralOf(kind)}.yaml`)
    .filter((file) => starts.some((start) => file.startsWith(start)))
    .sort();
}

/** Another set of releases is another folder. */
function folderOf(line: CrdLine, cache: string): string {
  const digest = digestOf(RELEASES[line].map(({ sha256 }) => sha256).join());
  return join(cache, "crds", `kcm-${line}-${digest.slice(0, 12)}`);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
