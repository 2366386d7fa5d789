import { type ClusterFixture, condition, type Live, object } from "./cluster-fixture.ts";
import type { FailureScenario } from "./failure-scenarios.ts";

const INGRESS = { name: "ingress", namespace: "ingress", template: "ingress-4-13-0" };

/** The cluster demo with a service, and what kcm reports of it. */
function withService(fixture: ClusterFixture, services: Live[], conditions: Live[] = []): void {
  const demo = fixture.objects["ClusterDeployment"]?.find(({ metadata }) => metadata.name === "demo");
  if (demo === undefined) throw new Error("there is no ClusterDeployment demo");
  demo["spec"].serviceSpec = { services: [INGRESS] };
  demo["status"].services = services;
  const types = conditions.map(({ type }) => type);
  demo["status"].conditions = [
    ...demo["status"].conditions.filter(({ type }: Live) => !types.includes(type)),
    ...conditions,
  ];
  fixture.objects["ServiceTemplate"]?.push(object("ServiceTemplate", INGRESS.template, { status: { valid: true } }));
}

const PENDING = condition("Ready", "False", { message: "0/1 Services are ready" });
const REFUSED = "service ingress/ingress can't be upgraded from ingress-4-12-1 to ingress-4-13-0";
const CONFLICT = "cannot manage chart ingress/ingress. ClusterSummary demo managing it.";

export const SERVICE_SCENARIOS: readonly FailureScenario[] = [
  {
    id: "service-not-deployed",
    cause: `the service ingress of demo is not deployed: Release ingress/ingress: ${CONFLICT}`,
    apply: (fixture) => {
      const type = "ingress.ingress/SveltosHelmReleaseReady";
      const conditions = [condition(type, "False", { message: `Release ingress/ingress: ${CONFLICT}` })];
      withService(fixture, [{ clusterName: "demo", conditions }], [PENDING]);
    },
  },
  {
    id: "service-not-deployed",
    cause: 'the service ingress of demo is not deployed: secrets "ingress-values" not found',
    apply: (fixture) => {
      const conditions = [
        condition("ingress.ingress/SveltosHelmReleaseReady", "True", { message: "Release ingress/ingress" }),
        condition("Helm", "False", { reason: "Failed", message: 'secrets "ingress-values" not found' }),
      ];
      withService(fixture, [{ clusterName: "demo", conditions }], [PENDING]);
    },
  },
  {
    id: "service-upgrade-path-missing",
    cause: `kcm does not upgrade the services of demo: ${REFUSED}`,
    apply: (fixture) => {
      const conditions = [condition("ingress.ingress/SveltosHelmReleaseReady", "True")];
      withService(
        fixture,
        [{ clusterName: "demo", conditions }],
        [condition("SveltosProfileReady", "False", { message: REFUSED }), PENDING],
      );
    },
  },
  {
    id: "multi-cluster-service-rejected",
    cause:
      "the services of MultiClusterService shared reach no cluster: failed to get ServiceTemplate kcm-system/monitoring-1-0-0: not found",
    apply: (fixture) => {
      const message = "failed to get ServiceTemplate kcm-system/monitoring-1-0-0: not found";
      const conditions = [condition("ServicesReferencesValidation", "False", { message })];
      fixture.objects["MultiClusterService"]?.push(object("MultiClusterService", "shared", { status: { conditions } }));
    },
  },
];
