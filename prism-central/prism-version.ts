/** Versions of Prism Central: by year until 2024.3, then numbered 7.3 and on. */
export interface PrismVersion {
  /** As Prism Central reports it, without `pc.`: `2024.3.0.1`, `7.3.0.5`. */
  readonly text: string;
  /** First two numbers; undefined for builds without a version number. */
  readonly release: readonly [number, number] | undefined;
}

/** The first with a v4 API that is generally available. */
export const FIRST_WITH_V4 = "2024.3";

export function prismVersion(text: string): PrismVersion {
  const short = text.replace(/^pc\./, "");
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(short) ?? [];
  return { text: short, release: major === undefined ? undefined : [Number(major), Number(minor)] };
}

/** Undefined where one of the two has no number. */
export function isAtLeast(version: PrismVersion, minimum: string): boolean | undefined {
  const [actual, least] = [version.release, prismVersion(minimum).release].map(
    (release) => release && ordinal(release),
  );
  return actual === undefined || least === undefined ? undefined : actual >= least;
}

/** A year sorts before 7: 7.3 followed 2024.3. */
function ordinal([major, minor]: readonly [number, number]): number {
  return (major >= 2000 ? major - 2000 : major * 1000) * 1000 + minor;
}
