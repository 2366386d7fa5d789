/** What can be checked only after a machine or a cluster exists. */
export interface ManualCheck {
  readonly description: string;
  /** Shows whether it holds. `<…>` is a value of the user. */
  readonly command: string;
}

export const MANUAL_CHECKS: readonly ManualCheck[] = [
  {
    description: "the image boots, runs cloud-init, and contains what CSI needs (iscsid)",
    command: "ssh <user>@<machine> 'cloud-init status --long && systemctl is-enabled iscsid'",
  },
  {
    description: "machines reach Prism Central, for the cloud controller and CSI",
    command: "ssh <user>@<machine> 'curl -sS -o /dev/null -w %{http_code} https://<prism-central>:9440/console/'",
  },
  {
    description: "machines reach the registries and download sites of k0s and its images",
    command:
      "ssh <user>@<machine> 'curl -sSI https://github.com && curl -sSI https://registry.k8s.io/v2/ && curl -sSI https://quay.io/v2/'",
  },
  {
    description: "machines reach the control plane endpoint, on its port and on 8132",
    command: "ssh <user>@<machine> 'nc -vz <endpoint> 6443 && nc -vz <endpoint> 8132'",
  },
  {
    description:
      "the management cluster's load balancer announces the endpoint of a hosted control plane on its network",
    command:
      "kubectl -n kcm-system get service -l cluster.x-k8s.io/cluster-name=<cluster> -o wide && nc -vz <endpoint> 6443",
  },
  {
    description:
      "nothing outside Prism Central, such as a DHCP server or a router, uses the endpoint's address or virtual router ID",
    command: "arping -D -c 3 -I <interface of the node network> <endpoint>; tcpdump -ni <interface> -c 5 vrrp",
  },
  {
    description: "the machines' clocks are in sync with Prism Central's",
    command: "ssh <user>@<machine> 'timedatectl show -p NTPSynchronized'",
  },
];
