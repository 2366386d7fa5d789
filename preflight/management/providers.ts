import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { nutanixEntry, OWN_PROVIDERS, type ProviderEntry } from "../../manifests/management-object.ts";
import { MANAGEMENT, PROVIDER, releaseName } from "../../manifests/names.ts";
import type { Stack } from "../../schema/stack.ts";
import { answer, type CheckContext, type CheckResult, type StackCheck } from "../check.ts";
import { managementOf } from "./connection.ts";
import { capxComes, type Installed, installed } from "./installed.ts";
import type { Reader } from "./reader.ts";

type Answers = ReturnType<typeof answer>;

function providersOf(management: KubernetesObject): readonly ProviderEntry[] {
  return (management.spec?.["providers"] ?? []) as readonly ProviderEntry[];
}

/** Entries that the stack wants in Management. */
function wantedEntries({ management, capx }: Stack): readonly ProviderEntry[] {
  const { kcm, providers } = management;
  // Another chart for CAPX brings it in its own way.
  const isElsewhere = capx.chart !== undefined || (capx.managedExternally && management.adopt);
  const own = isElsewhere ? [] : [nutanixEntry({ kcmVersion: kcm.version, capxVersion: capx.version })];
  return [...(management.adopt ? [] : OWN_PROVIDERS), ...own, ...(providers as readonly ProviderEntry[])];
}

/** What an adopted Management must name already: kcm's own providers, and ours where another stack brings it. */
function lacking({ management, capx }: Stack, live: readonly ProviderEntry[]): CheckResult["found"][] {
  if (!management.adopt) return [];
  const wanted = [
    ...OWN_PROVIDERS,
    ...(capx.managedExternally && capx.chart === undefined ? [{ name: PROVIDER }] : []),
  ];
  const coming = management.providers.map(({ name }) => name);
  return wanted
    .map(({ name }) => name)
    .filter((name) => !live.some((one) => one.name === name) && !coming.includes(name))
    .map((name) => `Management ${MANAGEMENT} does not name ${name}, which every cluster here needs`);
}

/** Entries of somebody else that a Management of this stack's own would lose: server-side apply takes the list as one value. */
function lost({ management }: Stack, live: readonly ProviderEntry[], wanted: readonly ProviderEntry[]): string[] {
  if (management.adopt) return [];
  return live.map(({ name }) => name).filter((name) => !wanted.some((one) => one.name === name));
}

/** Entries whose template is not there, or not valid. */
async function untemplated(
  context: CheckContext,
  { reader, live, wanted }: { reader: Reader; live: Installed; wanted: readonly ProviderEntry[] },
): Promise<string[]> {
  const brought = (await capxComes(context, reader)) ? nutanixEntry().template : undefined;
  const release = live.releases.find(
    ({ metadata }) => metadata.name === releaseName(context.stack.management.kcm.version),
  );
  const offered = (release?.spec as { providers?: { name: string }[] } | undefined)?.providers;
  const faults = await Promise.all(
    wanted.map(async ({ name, template }) => {
      if (template === undefined) {
        const isKnown = offered === undefined || offered.some((one) => one.name === name);
        return isKnown ? undefined : `kcm's Release ${release?.metadata.name} brings no provider ${name}`;
      }
      if (template === brought) return undefined;
      const found = await reader.object(KINDS.ProviderTemplate, { name: template });
      if (found === undefined) return `ProviderTemplate ${template} of ${name} is not there`;
      const { valid, validationError } = (found.status ?? {}) as { valid?: boolean; validationError?: string };
      if (valid === true) return undefined;
      return `ProviderTemplate ${template} of ${name} is not valid (${validationError || "with no reason given"})`;
    }),
  );
  return faults.filter((fault) => fault !== undefined);
}

export const managementProvidersAreComplete: StackCheck = {
  id: "management-providers-are-complete",
  asks: "does Management name the providers that clusters need, each with a valid template, and does this up take none away?",
  scope: "stack",
  run: async (context): Promise<CheckResult[]> => {
    const say: Answers = answer(managementProvidersAreComplete.id);
    const reader = await managementOf(context);
    const live = await installed(reader);
    if (live.management === undefined) return [say.pass("no Management is there yet: its providers come with it")];
    const providers = providersOf(live.management);
    const wanted = wantedEntries(context.stack);
    const gone = lost(context.stack, providers, wanted);
    const findings = [
      ...lacking(context.stack, providers).map((found) => say.fail(found, "add it to management.providers")),
      ...gone.map((name) =>
        say.fail(
          `this up would take the provider ${name} out of Management ${MANAGEMENT}`,
          "add it to management.providers, or set management.adopt: true where that Management is somebody else's",
        ),
      ),
      ...(await untemplated(context, { reader, live, wanted })).map((found) =>
        say.fail(found, "correct the name under management.providers, or bring the template first"),
      ),
    ];
    if (findings.length > 0) return findings;
    return [say.pass(`Management ${MANAGEMENT} names ${providers.map(({ name }) => name).join(", ")}`)];
  },
};
