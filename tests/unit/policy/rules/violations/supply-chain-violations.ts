import { configOf, specOf } from "../valid-stack.ts";
import { ruleSettings, type ViolationCase } from "./violation-case.ts";

const charts = (...registries: string[]) => ruleSettings("charts-use-allowed-registries", { registries });
const images = (...registries: string[]) => ruleSettings("images-use-allowed-registries", { registries });
const on = (day: string) => ({ now: new Date(day) });

export const SUPPLY: readonly ViolationCase[] = [
  {
    rule: "k0s-version-is-maintained",
    change: (all) => {
      configOf(all, "edge")["k0s"].version = "v1.33.2+k0s.0";
    },
    settings: on("2026-03-01"),
  },
  {
    rule: "k0s-version-is-maintained",
    name: "before the day, and on it",
    change: (all) => {
      configOf(all, "edge")["k0s"].version = "v1.31.5+k0s.0";
    },
    settings: { ...on("2025-10-28"), ...ruleSettings("k0s-version-is-maintained", { warnDays: 123 }) },
    expected: [
      'clusters.demo.k0s.version: "v1.32.6+k0s.0" is of Kubernetes 1.32, which ends on 2026-02-28, in 123 days; upgrade k0s, one minor version at a time',
      'clusters.edge.k0s.version: "v1.31.5+k0s.0" is of Kubernetes 1.31, which ends on 2025-10-28, in 0 days; upgrade k0s, one minor version at a time',
    ],
  },
  {
    rule: "k0s-version-is-maintained",
    name: "with a kcm that is too old for it",
    change: (all) => {
      configOf(all, "edge")["k0s"].version = "v1.37.0+k0s.0";
    },
    settings: on("2025-11-01"),
    expected: [
      'clusters.edge.k0s.version: "v1.37.0+k0s.0" is newer than k0s 1.33, the newest that kcm 1.2.0 is known to work with; use k0s 1.33, or a newer kcm',
    ],
  },
  {
    rule: "charts-use-allowed-registries",
    change: () => undefined,
    settings: charts("oci://ghcr.io/k0rdent"),
    expected: ["management.kcm.chart", "capx.values.charts.repository"].map(
      (path) =>
        `${path}: "oci://registry.example.com/${path.startsWith("capx") ? "nutanix" : "kcm"}" is not from an allowed registry; use oci://ghcr.io/k0rdent, or add this one to policy.charts-use-allowed-registries.registries`,
    ),
  },
  {
    rule: "charts-use-allowed-registries",
    name: "whole parts of an address",
    change: () => undefined,
    settings: charts("oci://registry.example.com", "oci://registry.example.com.evil"),
    expected: [],
  },
  {
    rule: "charts-use-allowed-registries",
    name: "as sources and in k0s configurations",
    capi: true,
    change: () => undefined,
    settings: charts("https://charts.example.co"),
    expected: [
      "HelmRepository kcm-system/charts spec.url",
      "K0sControlPlane kcm-system/raw-cp spec.k0sConfigSpec.k0s.spec.extensions.helm.repositories.0.url",
    ].map(
      (path) =>
        `${path}: "https://charts.example.com" is not from an allowed registry; use https://charts.example.co, or add this one to policy.charts-use-allowed-registries.registries`,
    ),
  },
  {
    rule: "charts-use-allowed-registries",
    name: "as addons, in k0s configurations and by kcm's own registry",
    change: (all) => {
      const config = configOf(all, "demo");
      config["addons"] = {
        ccm: { repository: "https://evil.example.com/ccm" },
        csi: { repository: "oci://ghcr.io/csi" },
      };
      config["kubeVip"] = { repository: " https://evil.example.com/vip" };
      config["global"] = { registry: "evil.example.com/mirror" };
      config["k0s"].config.spec.extensions = { helm: { charts: [{ chartname: "oci://quay.io/evil" }] } };
    },
    settings: charts("oci://ghcr.io/", "oci://registry.example.com"),
    expected: [
      'k0s.config.spec.extensions.helm.charts.0.chartname: "oci://quay.io/evil"',
      'addons.ccm.repository: "https://evil.example.com/ccm"',
      'kubeVip.repository: " https://evil.example.com/vip"',
      'global.registry: "oci://evil.example.com/mirror"',
    ].map(
      (field) =>
        `clusters.demo.${field} is not from an allowed registry; use oci://ghcr.io/ or oci://registry.example.com, or add this one to policy.charts-use-allowed-registries.registries`,
    ),
  },
  {
    rule: "charts-use-allowed-registries",
    name: "not by climbing out of an allowed path",
    change: (all) => {
      specOf(all, "management.kcm")["chart"] = "oci://registry.example.com/nutanix/%2e%2e/evil";
    },
    settings: charts("oci://registry.example.com/nutanix"),
    expected: [
      'management.kcm.chart: "oci://registry.example.com/nutanix/%2e%2e/evil" is not from an allowed registry; use oci://registry.example.com/nutanix, or add this one to policy.charts-use-allowed-registries.registries',
    ],
  },
  {
    rule: "charts-use-tls",
    name: "after a blank, and by another scheme",
    change: (all) => {
      specOf(all, "management.kcm")["chart"] = " http://charts.example.com/kcm";
      specOf(all, "capx")["chart"] = "ftp://charts.example.com/capx";
    },
    expected: [
      'management.kcm.chart: " http://charts.example.com/kcm" is fetched without TLS; use oci:// or https://',
      'capx.chart: "ftp://charts.example.com/capx" is fetched without TLS; use oci:// or https://',
    ],
  },
  {
    rule: "images-use-allowed-registries",
    name: "in lists, of hosted control planes, and by kcm's own registry",
    change: (all) => {
      configOf(all, "demo")["global"] = { registry: "docker.io" };
      specOf(all, "management.kcm")["values"].sidecars = [
        { image: { registry: "docker.io", repository: "registry.example.com/x" } },
      ];
      all.push({
        at: "K0smotronControlPlane a/b",
        object: {
          apiVersion: "controlplane.cluster.x-k8s.io/v1beta1",
          kind: "K0smotronControlPlane",
          metadata: { name: "b", namespace: "a" },
          spec: { image: "docker.io", etcd: { initImage: "docker.io" } },
        },
      });
    },
    settings: images("registry.example.com"),
    expected: [
      "clusters.demo.global.registry",
      "management.kcm.values.sidecars.0.image.registry",
      "K0smotronControlPlane a/b spec.image",
      "K0smotronControlPlane a/b spec.etcd.initImage",
    ].map(
      (path) =>
        `${path}: "docker.io" is not from an allowed registry; use registry.example.com, or add this one to policy.images-use-allowed-registries.registries`,
    ),
  },
  {
    rule: "images-use-allowed-registries",
    change: (all) => {
      configOf(all, "demo")["k0s"].config.spec.images = { repository: "docker.io" };
    },
    settings: images("registry.example.com"),
  },
  {
    rule: "images-use-allowed-registries",
    name: "of charts of k0s, whose values are a text, and in other keys",
    change: (all) => {
      const values =
        "image: docker.io/a\nsub: {image: {repository: docker.io/b}}\nok: {image: registry.example.com/c}\n";
      const charts = [{ name: "a", chartname: "b/a", namespace: "c", values }];
      configOf(all, "demo")["k0s"].config = { spec: { extensions: { helm: { charts } } } };
      specOf(all, "management.kcm")["values"].more = {
        imageRegistry: "docker.io",
        main: { repository: "docker.io/d", tag: "1" },
        images: { one: { repository: "docker.io/f" } },
        sideImages: ["docker.io/e"],
      };
    },
    settings: images("registry.example.com"),
    expected: [
      'management.kcm.values.more.imageRegistry: "docker.io"',
      'management.kcm.values.more.main.repository: "docker.io/d"',
      'management.kcm.values.more.images.one.repository: "docker.io/f"',
      'management.kcm.values.more.sideImages.0: "docker.io/e"',
      'clusters.demo.k0s.config.spec.extensions.helm.charts.0.values: "docker.io/a"',
      'clusters.demo.k0s.config.spec.extensions.helm.charts.0.values: "docker.io/b"',
    ].map(
      (field) =>
        `${field} is not from an allowed registry; use registry.example.com, or add this one to policy.images-use-allowed-registries.registries`,
    ),
  },
  {
    rule: "images-use-allowed-registries",
    name: "of containers and values",
    change: (all) => {
      specOf(all, "management.kcm")["values"].controller.image = { repository: "ghcr.io/k0rdent/kcm" };
      all.push({
        at: "Deployment default/web",
        object: {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "web", namespace: "default" },
          spec: { template: { spec: { containers: [{ image: "docker.io/nginx" }] } } },
        },
      });
    },
    settings: images("registry.example.com"),
    expected: [
      'management.kcm.values.controller.image.repository: "ghcr.io/k0rdent/kcm"',
      'Deployment default/web spec.template.spec.containers.0.image: "docker.io/nginx"',
    ].map(
      (field) =>
        `${field} is not from an allowed registry; use registry.example.com, or add this one to policy.images-use-allowed-registries.registries`,
    ),
  },
  {
    rule: "templates-use-allowed-sources",
    capi: true,
    change: () => undefined,
    settings: ruleSettings("templates-use-allowed-sources", { sources: ["nutanix-charts"] }),
  },
  ...[" http://mirror.example.com", "mirror.example.com/k0s", "https://mirror.example.com/k0s;reboot"].map(
    (url): ViolationCase => ({
      rule: "k0s-download-uses-tls",
      name: `by ${url}`,
      change: (all) => {
        configOf(all, "demo")["global"] = { k0sURL: url };
      },
      expected: [`clusters.demo.global.k0sURL: "${url}" is not an https:// address; use an https:// address`],
    }),
  ),
  {
    rule: "k0s-download-uses-tls",
    name: "by templates of a ClusterClass and a bootstrap configuration of one machine",
    change: (all) => {
      const downloadURL = "HTTP://mirror.example.com";
      const bootstrap = (kind: string, spec: object) => ({
        at: kind,
        object: { apiVersion: "bootstrap.cluster.x-k8s.io/v1beta1", kind, metadata: { name: "x" }, spec: { ...spec } },
      });
      all.push(
        bootstrap("K0sWorkerConfig", { downloadURL }),
        bootstrap("K0sWorkerConfigTemplate", { template: { spec: { downloadURL } } }),
        bootstrap("K0sControlPlaneTemplate", { template: { spec: { k0sConfigSpec: { downloadURL } } } }),
      );
    },
    expected: [
      "K0sWorkerConfig spec.downloadURL",
      "K0sWorkerConfigTemplate spec.template.spec.downloadURL",
      "K0sControlPlaneTemplate spec.template.spec.k0sConfigSpec.downloadURL",
    ].map((path) => `${path}: "HTTP://mirror.example.com" is not an https:// address; use an https:// address`),
  },
];
