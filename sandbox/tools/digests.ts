/**
 * sha256 of the files of releases, read from sources other than the server that the files come from: Helm's release notes, and a
 * project that records those of kwok. For a file that is not here no such source was found: its digest is the one that is published beside it.
 */
export const PINNED_DIGESTS: Readonly<Record<string, string>> = {
  "https://get.helm.sh/helm-v3.22.0-darwin-amd64.tar.gz":
    "bd1d09f316558dda23698527859600936fed1371021ce0f2272d66b2fdcfa69c",
  "https://get.helm.sh/helm-v3.22.0-darwin-arm64.tar.gz":
    "4c9982a6cdeb458b60258df66b55398ca5b19293f6877faffe2909ad6f23dfe0",
  "https://get.helm.sh/helm-v3.22.0-linux-amd64.tar.gz":
    "1e4ab49e429626cf6c6958d914248b78c9730803c2751b87627e171dc800e7bb",
  "https://get.helm.sh/helm-v3.22.0-linux-arm64.tar.gz":
    "f14e804dfee240f55525b667488fe9adca349e63e00c9af634c0beb1421ac310",
  "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-darwin-arm64":
    "69a064ec98d37844d9d742b5b28ff57825659a983ccc3e208daa6948b94d64ba",
  "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-linux-amd64":
    "f5a4385a2ae1b9dd7f8acae18e002a75c0ebba124ae9d7259aa8dadb50711f46",
  "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwokctl-darwin-arm64":
    "9323a59adb9c27854bd2a76652ad00258bcbb68acc40aba0dc21e362b67b7d6a",
  "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwokctl-linux-amd64":
    "d5743166c657283d6e827c7c4c20cacfd9009fd94830f06718ca7b2c7099461f",
};
