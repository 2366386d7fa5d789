/** A question that nothing can answer before machines exist. */
export interface ManualCheck {
  readonly question: string;
  /** The command that answers it, once there is a machine or a cluster. */
  readonly command: string;
}

/** What no check asks, for a user to tick. `<…>` is the user's to fill in. */
export const MANUAL_CHECKS: readonly ManualCheck[] = [
  {
    question: "does the image boot, run cloud-init, and hold what CSI needs (iscsid)?",
    command: "ssh <user>@<machine> 'cloud-init status --long && systemctl is-enabled iscsid'",
  },
  {
    question: "do machines reach Prism Central, for the cloud controller and CSI?",
    command: "ssh <user>@<machine> 'curl -sS -o /dev/null -w %{http_code} https://<prism-central>:9440/console/'",
  },
  {
    question: "do machines reach the registries and download sites that k0s and its images come from?",
    command:
      "ssh <user>@<machine> 'curl -sSI https://github.com && curl -sSI https://registry.k8s.io/v2/ && curl -sSI https://quay.io/v2/'",
  },
  {
    question: "do machines reach the control plane endpoint, and 8132 beside it?",
    command: "ssh <user>@<machine> 'nc -vz <endpoint> 6443 && nc -vz <endpoint> 8132'",
  },
  {
    question:
      "does the management cluster's load balancer announce the endpoint of a hosted control plane on that network?",
    command:
      "kubectl -n kcm-system get service -l cluster.x-k8s.io/cluster-name=<cluster> -o wide && nc -vz <endpoint> 6443",
  },
  {
    question:
      "does anything outside Prism Central, such as a DHCP server or a router, use the endpoint's address or virtual router ID?",
    command: "arping -D -c 3 -I <interface of the node network> <endpoint>; tcpdump -ni <interface> -c 5 vrrp",
  },
  {
    question: "do the machines' clocks agree with Prism Central's?",
    command: "ssh <user>@<machine> 'timedatectl show -p NTPSynchronized'",
  },
];
