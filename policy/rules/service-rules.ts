/** Rules about services. */
import { COMPARED_TARGETS } from "./cluster-comparison.ts";
import { mandatory, type Rule } from "./rule.ts";
import { servicesOf } from "./service-fields.ts";
import { compareMinors, FIRST_KCM_WITH_DIRECT_SERVICE_UPGRADES, minorOf } from "./versions.ts";
import { safeWord } from "./violation.ts";

const FIRST_ADD = "restore the version, update with the new serviceTemplates, then change it and update again";

export const serviceUpgradePathIsRecorded: Rule = {
  name: "service-upgrade-path-is-recorded",
  category: "change",
  level: mandatory,
  comparesUpdates: true,
  inspects: `template and chain of each service, with kcm before ${FIRST_KCM_WITH_DIRECT_SERVICE_UPGRADES}, ${COMPARED_TARGETS}`,
  why: `kcm before ${FIRST_KCM_WITH_DIRECT_SERVICE_UPGRADES} upgrades a service only along a path that it has recorded from the chain of an earlier update, and reports an error for ever if both change at once`,
  remedy: "add the version to serviceTemplates and update, then change the version of the service and update again",
  example: `clusters.demo.services.ingress.version: "ingress-4-13-0" follows ingress-4-12-1 in a chain that kcm 1.2.0 has not recorded; ${FIRST_ADD}`,
  check: (targets, { previous = [] }) => {
    const before = new Map(servicesOf(previous).map((service) => [service.key, service]));
    return servicesOf(targets).flatMap(({ key, target, template, chain }) => {
      const kcm = target.options?.kcmVersion;
      const old = before.get(key);
      if (old === undefined || kcm === undefined || old.template.value === template.value) return [];
      if (compareMinors(minorOf(kcm), FIRST_KCM_WITH_DIRECT_SERVICE_UPGRADES) >= 0) return [];
      if (chain.value !== undefined && chain.value === old.chain.value) return [];
      const reason = `follows ${safeWord(old.template.value)} in a chain that kcm ${safeWord(kcm)} has not recorded`;
      return [template.violation(reason, FIRST_ADD)];
    });
  },
};
