import type { SettingsInput } from "../check-context.ts";
import { describeCheck, live } from "./management-scenario.ts";

const node = (name: string, more: Record<string, unknown> = {}, cpu = "4") =>
  live(`v1 Node ${name}`, {
    status: {
      allocatable: { cpu, memory: "8000000Ki", pods: "110" },
      conditions: [{ type: "Ready", status: "True" }],
    },
    ...more,
  });
const pod = (name: string, nodeName: string, requests: Record<string, string>, more: Record<string, unknown> = {}) =>
  live(`v1 Pod default/${name}`, { spec: { nodeName, containers: [{ resources: { requests } }] }, ...more });
const PODS = ["v1 Pod"];
const demo = (config: object) =>
  live("k0rdent.mirantis.com/v1beta1 ClusterDeployment kcm-system/demo", { spec: { config } });
const onlyStandalone = (settings: SettingsInput) => {
  delete settings["clusters"].demo;
};

const storageClass = (name: string, isDefault: boolean) =>
  live(`storage.k8s.io/v1 StorageClass ${name}`, {
    metadata: {
      name,
      annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) },
    },
  });

const volume = (cluster: string, index: number) =>
  live(`v1 PersistentVolumeClaim kcm-system/etcd-data-kmc-${cluster}-etcd-${index}`, {
    metadata: {
      name: `etcd-data-kmc-${cluster}-etcd-${index}`,
      namespace: "kcm-system",
      labels: { app: "k0smotron", component: "etcd", cluster },
    },
  });

describeCheck("hosted-control-planes-fit", {
  "passes where all replicas fit": [
    { kinds: PODS, objects: [node("a")] },
    ": pass: 3 new control plane replicas (1 vCPU, 1 GiB each); 4 fit on 1 schedulable of 1 nodes",
  ],
  "fails where requests leave too little": [
    {
      objects: [
        node("a"),
        pod("busy", "a", { cpu: "2500m", memory: "1Gi" }),
        pod("done", "a", { cpu: "4" }, { status: { phase: "Succeeded" } }),
      ],
    },
    ": fail: 3 new control plane replicas (1 vCPU, 1 GiB each); 1 fit on 1 schedulable of 1 nodes; add nodes to the management cluster, or lower controlPlaneNumber",
  ],
  "does not count nodes that are cordoned, tainted or not ready": [
    {
      kinds: PODS,
      objects: [
        node("a", { spec: { unschedulable: true } }),
        node("b", { spec: { taints: [{ effect: "NoSchedule" }] } }),
        node("c", { status: { allocatable: { cpu: "64", memory: "256Gi" }, conditions: [] } }),
        node("d", { spec: { taints: [{ effect: "PreferNoSchedule" }] } }, "2"),
      ],
    },
    ": fail: 3 new control plane replicas (1 vCPU, 1 GiB each); 2 fit on 1 schedulable of 4 nodes; add nodes to the management cluster, or lower controlPlaneNumber",
  ],
  "counts running control planes without requests": [
    {
      objects: [
        node("a"),
        pod("kmc-other-0", "a", {}, { metadata: { name: "kmc-other-0", labels: { app: "k0smotron" } } }),
        pod("kmc-other-1", "a", {}, { metadata: { name: "kmc-other-1", labels: { app: "k0smotron" } } }),
      ],
    },
    ": fail: 3 new control plane replicas (1 vCPU, 1 GiB each); 2 fit on 1 schedulable of 1 nodes; add nodes to the management cluster, or lower controlPlaneNumber",
  ],
  "counts new replicas only": [
    { kinds: PODS, objects: [node("a", {}, "1500m"), demo({ controlPlaneNumber: 2 })] },
    ": pass: 1 new control plane replicas (1 vCPU, 1 GiB each); 1 fit on 1 schedulable of 1 nodes",
  ],
  "passes where every control plane exists": [
    { objects: [demo({ controlPlaneNumber: 3 })] },
    ": pass: every hosted control plane exists",
  ],
  "does not run without a hosted control plane": [{ stack: onlyStandalone }],
});

describeCheck("hosted-control-planes-have-storage", {
  "passes where one is the default": [
    { objects: [storageClass("slow", false), storageClass("fast", true)] },
    ": pass: the default StorageClass is fast",
  ],
  "fails where none is the default": [
    { objects: [storageClass("slow", false)] },
    ': fail: no default StorageClass among slow: the volumes of etcd would stay pending; annotate one with storageclass.kubernetes.io/is-default-class: "true"',
  ],
  "fails where there is none": [
    {},
    ': fail: no default StorageClass: the volumes of etcd would stay pending; annotate one with storageclass.kubernetes.io/is-default-class: "true"',
  ],
  "does not run without a hosted control plane": [{ stack: onlyStandalone }],
});

describeCheck("etcd-volumes-are-new", {
  "passes where there are none, or another cluster's": [
    { objects: [volume("other", 0)], clusters: ["demo"] },
    " [demo]: pass: there are none",
  ],
  "passes for a cluster that exists": [
    { objects: [demo({}), volume("demo", 0)], clusters: ["demo"] },
    " [demo]: pass: the cluster exists",
  ],
  "fails where an earlier cluster of that name left some": [
    { objects: [volume("demo", 0), volume("demo", 1)], clusters: ["demo"] },
    " [demo]: fail: etcd-data-kmc-demo-etcd-0, etcd-data-kmc-demo-etcd-1 are left of an earlier cluster demo, and etcd would start with its data; run kubectl -n kcm-system delete pvc -l app=k0smotron,component=etcd,cluster=demo if the data is not needed, or set another name",
  ],
});
