import assert from "node:assert/strict";
import { readiness } from "../../../kubernetes/readiness.ts";
import { clusterTrees } from "../../../operations/resource-tree.ts";
import { servicesOf } from "../../../operations/services.ts";
import { healthy, inputOf, type Live, object } from "./cluster-fixture.ts";

const SINCE = "2026-03-01T10:00:00Z";
const INGRESS = { name: "ingress", namespace: "ingress", template: "ingress-4-13-0" };

const deployment = (services: Live[], status: Live) =>
  object("ClusterDeployment", "demo", { spec: { serviceSpec: { services } }, status }) as never;

const state = (more: Live) => ({ ...INGRESS, type: "Helm", lastStateTransitionTime: SINCE, ...more });

describe("services of a ClusterDeployment", () => {
  it("are read from the states of kcm 1.11, those of MultiClusterServices too", () => {
    const reported = [
      state({ state: "Failed", failureMessage: "timed out" }),
      state({ name: "shared", namespace: "shared", state: "Deployed" }),
      state({ name: "other", namespace: "other", state: "Pending" }),
    ];
    assert.deepEqual(
      servicesOf(deployment([INGRESS], { services: reported })).map(({ name, state, message }) => [
        name,
        state,
        message,
      ]),
      [
        ["ingress", "Failed", "timed out"],
        ["shared", "Current", ""],
        ["other", "InProgress", "is pending"],
      ],
    );
  });

  it("are read from the conditions of kcm 1.2, where a failure of Helm as a whole counts for each release", () => {
    const release = { type: "ingress.ingress/SveltosHelmReleaseReady", status: "True", lastTransitionTime: SINCE };
    const helm = { type: "Helm", status: "False", message: "not found", lastTransitionTime: SINCE };
    const of = (...conditions: Live[]) => servicesOf(deployment([INGRESS], { services: [{ conditions }] }))[0];
    assert.equal(of(release)?.state, "Current");
    assert.deepEqual(of(release, helm), { ...INGRESS, state: "Failed", message: "not found", since: SINCE });
    assert.equal(of()?.state, "InProgress");
  });

  it("are nodes of the cluster's tree, with a template that is not valid below", () => {
    const fixture = healthy();
    const demo = fixture.objects["ClusterDeployment"]?.find(({ metadata }) => metadata.name === "demo");
    demo?.["spec"] && Object.assign(demo["spec"], { serviceSpec: { services: [INGRESS] } });
    demo?.["status"] && Object.assign(demo["status"], { services: [state({ state: "Pending" })] });
    fixture.objects["ServiceTemplate"]?.push(
      object("ServiceTemplate", INGRESS.template, { status: { valid: false, validationError: "no chart" } }),
    );
    const [, tree] = clusterTrees(inputOf(fixture).snapshot);
    const service = tree?.root.children.find(({ kind }) => kind === "Service");
    assert.deepEqual(
      [service?.name, service?.state, service?.detail],
      ["demo/ingress", "InProgress", INGRESS.template],
    );
    assert.deepEqual(
      service?.children.map(({ name, state }) => [name, state]),
      [["ingress-4-13-0", "Failed"]],
    );
  });

  it("belong to a template whose state its controller always writes", () => {
    assert.equal(readiness(object("ServiceTemplate", "ingress-4-13-0", {}) as never).status, "InProgress");
  });
});
