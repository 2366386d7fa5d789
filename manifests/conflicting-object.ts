/** Objects as a management cluster has them, and what keeps them from being ready. */

/** A Kubernetes object as it was read. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    /** Set when it is being deleted. */
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface Component {
  readonly success?: boolean;
  readonly error?: string;
}

/** What keeps an object of k0rdent from being ready, in its own words: components, then validity, then conditions. */
export function unready(object: LiveObject): string[] {
  const status = object.status ?? {};
  const { components, valid, validationError, conditions, observedGeneration } = status as {
    components?: Record<string, Component>;
    valid?: boolean;
    validationError?: string;
    conditions?: Condition[];
    observedGeneration?: number;
  };
  const reasons = [
    ...missingComponents(object, components ?? {}),
    ...Object.entries(components ?? {})
      .filter(([, { success }]) => success !== true)
      .map(([name, { error }]) => `component ${name}: ${error ?? "no success yet, and no error"}`),
    ...(valid === false ? [validationError ?? "not valid, with no reason given"] : []),
    ...(conditions ?? [])
      .filter((condition) => condition.status !== "True")
      .map(
        ({ type, status, reason, message }) =>
          `condition ${type} is ${status} (${[reason, message].filter(Boolean).join(": ")})`,
      ),
  ];
  const { generation } = object.metadata;
  if (generation !== undefined && observedGeneration !== undefined && observedGeneration < generation) {
    reasons.push(`its controller has seen generation ${observedGeneration} of ${generation}`);
  }
  if (reasons.length === 0 && conditions === undefined && valid === undefined)
    reasons.push("its controller has written no status yet");
  return reasons;
}

/** Providers that a Management names and that its status does not. */
function missingComponents(object: LiveObject, components: Record<string, Component>): string[] {
  if (object.kind !== "Management") return [];
  const named = (object.spec?.["providers"] ?? []) as { name: string }[];
  return named
    .filter(({ name }) => components[name] === undefined)
    .map(({ name }) => `component ${name}: not reported yet`);
}
