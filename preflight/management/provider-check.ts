import { KINDS } from "../../kubernetes/kinds.ts";
import { nutanixEntry, OWN_PROVIDERS, type ProviderEntry } from "../../manifests/management-object.ts";
import { MANAGEMENT, PROVIDER, releaseName } from "../../manifests/names.ts";
import { at, list } from "../../policy/rules/plain-values.ts";
import type { Stack } from "../../schema/stack.ts";
import { type Check, type CheckContext, fail, pass } from "../check.ts";
import { type InstalledKcm, installedKcm, installsCapx } from "./installed.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

export const PROVIDER_CHECK: Check = {
  id: "management-providers-are-complete",
  description: "Management has the providers that clusters need, each with a valid template, and this up removes none",
  scope: "stack",
  run: async (context) => {
    const reader = await managementOf(context);
    const kcm = await installedKcm(reader);
    if (kcm.management === undefined)
      return pass("Management does not exist yet: this up creates it with its providers");
    const live = list(kcm.management.spec?.["providers"]) as ProviderEntry[];
    const wanted = wantedEntries(context.stack);
    const add = "add it to management.providers";
    const problems = [
      ...missingProviders(context.stack, live).map((name) =>
        fail(`Management ${MANAGEMENT} has no provider ${name}, which every cluster needs`, add),
      ),
      ...removedProviders(context.stack, live, wanted).map((name) =>
        fail(
          `this up would remove the provider ${name} from Management ${MANAGEMENT}`,
          `${add}, or set management.adopt: true where another tool manages it`,
        ),
      ),
      ...(await invalidTemplates(context, { reader, kcm, wanted })).map((message) =>
        fail(message, "correct the name under management.providers, or install the template first"),
      ),
    ];
    if (problems.length > 0) return problems;
    return pass(`Management ${MANAGEMENT} has the providers ${live.map(({ name }) => name).join(", ")}`);
  },
};

/** Entries of the stack's Management. */
function wantedEntries({ management, capx }: Stack): readonly ProviderEntry[] {
  const { kcm, providers } = management;
  // Another chart for CAPX installs it in its own way.
  const isOther = capx.chart !== undefined || (capx.managedExternally && management.adopt);
  const own = isOther ? [] : [nutanixEntry({ kcmVersion: kcm.version, capxVersion: capx.version })];
  return [...(management.adopt ? [] : OWN_PROVIDERS), ...own, ...(providers as readonly ProviderEntry[])];
}

/** What an adopted Management must have already: kcm's own providers, and ours where another stack installs it. */
function missingProviders({ management, capx }: Stack, live: readonly ProviderEntry[]): string[] {
  if (!management.adopt) return [];
  const required = [
    ...OWN_PROVIDERS,
    ...(capx.managedExternally && capx.chart === undefined ? [{ name: PROVIDER }] : []),
  ];
  const existing = [...live, ...management.providers].map(({ name }) => name);
  return required.map(({ name }) => name).filter((name) => !existing.includes(name));
}

/** Entries that this stack's own Management would remove: server-side apply replaces the list as a whole. */
function removedProviders(
  { management }: Stack,
  live: readonly ProviderEntry[],
  wanted: readonly ProviderEntry[],
): string[] {
  if (management.adopt) return [];
  return live.map(({ name }) => name).filter((name) => !wanted.some((one) => one.name === name));
}

/** Entries whose template does not exist, or is not valid. */
async function invalidTemplates(
  context: CheckContext,
  { reader, kcm, wanted }: { reader: Reader; kcm: InstalledKcm; wanted: readonly ProviderEntry[] },
): Promise<string[]> {
  const installed = (await installsCapx(context, reader)) ? nutanixEntry().template : undefined;
  const expected = releaseName(context.stack.management.kcm.version);
  const release = kcm.releases.find(({ metadata }) => metadata.name === expected);
  const offered = at(release, "spec", "providers");
  const problems = wanted.map(async ({ name, template }) => {
    if (template === undefined) {
      const isOffered = offered === undefined || list(offered).some((one) => at(one, "name") === name);
      return isOffered ? [] : [`kcm's Release ${expected} has no provider ${name}`];
    }
    if (template === installed) return [];
    const found = await reader.object(KINDS.ProviderTemplate, { name: template });
    if (found === undefined) return [`ProviderTemplate ${template} of ${name} does not exist`];
    const { valid, validationError } = (found.status ?? {}) as { valid?: boolean; validationError?: string };
    return valid ? [] : [`ProviderTemplate ${template} of ${name} is not valid (${validationError || "no reason"})`];
  });
  return (await Promise.all(problems)).flat();
}
