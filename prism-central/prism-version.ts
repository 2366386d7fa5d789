/** Versions of Prism Central: by year until 2024.3, then numbered 7.3 and on. */
export interface PrismVersion {
  /** As Prism Central tells it, without `pc.`: `2024.3.0.1`, `7.3.0.5`. */
  readonly text: string;
  /** First two numbers; undefined for builds that are named otherwise. */
  readonly line: readonly [number, number] | undefined;
}

/** The oldest Prism Central that each CAPX minor is documented for; where the documents differ, the stricter. */
export const FLOORS: Readonly<Record<string, string>> = {
  "1.7": "2024.3",
  "1.8": "7.3",
  "1.9": "7.5",
  "1.10": "7.5",
};

/** The first with a v4 API that is generally available. */
export const FIRST_WITH_V4 = "2024.3";

export function prismVersion(text: string): PrismVersion {
  const short = text.replace(/^pc\./, "");
  const match = /^(\d+)\.(\d+)/.exec(short);
  return { text: short, line: match ? [Number(match[1]), Number(match[2])] : undefined };
}

/** Undefined where one of the two has no number. */
export function isAtLeast(version: PrismVersion, floor: string): boolean | undefined {
  const least = prismVersion(floor).line;
  if (version.line === undefined || least === undefined) return undefined;
  const [major, minor] = place(version.line);
  const [leastMajor, leastMinor] = place(least);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** A year comes before 7: 7.3 followed 2024.3. */
function place([major, minor]: readonly [number, number]): [number, number] {
  return [major >= 2000 ? (major - 2000) / 1000 : major, minor];
}
