/** Removes known secrets, and text that looks like one, from texts and objects. */
import type { KubernetesObject } from "./object.ts";

const MASK = "[redacted]";
/** Shorter secrets would match too much. */
const SHORTEST = 6;

/** Keys of secrets; names of Secrets and references to them do not match. */
const SECRET_KEY =
  /pass(?:word|wd|phrase)?$|^pass|token$|^token|secret$|credentials?$|private|key-data$|api[-_]?key$|authPass|kubeconfig$|userData|bootstrapData/i;
/** Keys of texts that may hold anything: files of machines, above all. */
const ANY_TEXT = /^(content|contentBase64|ca\.crt)$/;

/** Each begins where no longer match can begin, so that a text is read once, whatever is in it. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, MASK],
  [/\b(bearer|basic)\s+[\w.+/=~-]{8,}/gi, `$1 ${MASK}`],
  [/(:\/\/)[^\s/@:]+:[^\s/@]+@/g, `$1${MASK}@`],
  // "key": "value" and key="value", also where the quotes are escaped: then the rest of the outer text goes too.
  [
    /((?:pass(?:word|wd|phrase)?|token|secret|api[-_]?key|key-data|authorization)\\*"?\s*[:=]\s*\\*")(?:\\.|[^"\\])*/gi,
    `$1${MASK}`,
  ],
  [/((?:pass(?:word|wd|phrase)?|token|api[-_]?key|key-data)'?\s*[:=]\s*)(?:'[^']*|[^\s"'\\,;}\]]+)/gi, `$1${MASK}`],
];

/** Text without its secrets. */
export type Redact = (text: string) => string;

/** A function that masks the secrets given and whatever looks like one. */
export function redactor(secrets: readonly string[]): Redact {
  // What surrounds a secret in its Secret, a line break above all, is not in a message.
  const trimmed = secrets.map((one) => one.trim()).filter((one) => one.length >= SHORTEST);
  const forms = [...new Set(trimmed.flatMap(lineForms).flatMap(spellings))]
    .filter((form) => form.length >= SHORTEST)
    // Longer ones first: a secret may be part of another's spelling.
    .sort((one, other) => other.length - one.length);
  const byStart = Map.groupBy(forms, (form) => form.slice(0, SHORTEST));
  return (text) => PATTERNS.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), masked(text, byStart));
}

/** Replaces every form in one pass, however many forms there are. */
function masked(text: string, byStart: ReadonlyMap<string, readonly string[]>): string {
  if (byStart.size === 0) return text;
  const parts: string[] = [];
  let rest = 0;
  for (let index = 0; index + SHORTEST <= text.length; ) {
    const form = byStart.get(text.slice(index, index + SHORTEST))?.find((one) => text.startsWith(one, index));
    if (form === undefined) index += 1;
    else {
      parts.push(text.slice(rest, index), MASK);
      index += form.length;
      rest = index;
    }
  }
  return rest === 0 ? text : [...parts, text.slice(rest)].join("");
}

/** A text of several lines, as it is and on one line. */
function lineForms(text: string): string[] {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return lines.length === 1 ? [text] : [text, lines.join("\n"), lines.join(" "), lines.join("; "), lines.join("")];
}

/** How one text may be written in a log or an object. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const escaped = JSON.stringify(secret).slice(1, -1);
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    // What depends on the adjacent bytes is cut off at both ends.
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  const long = encoded.filter((form) => form.length >= 8);
  return [
    secret,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString("hex"),
    ...long,
  ];
}

/** Annotations whose values are known to hold no secret. */
const SHOWN_ANNOTATIONS =
  /^(cluster\.x-k8s\.io|machineset\.cluster\.x-k8s\.io|controlplane\.cluster\.x-k8s\.io|meta\.helm\.sh|helm\.sh|deployment\.kubernetes\.io|k0rdent\.mirantis\.com|operator\.cluster\.x-k8s\.io)\//;

/** An object that may be shown: without a Secret's data, managed fields, annotations of others, and texts under secret keys. */
export function redactedObject(object: KubernetesObject, redact: Redact): unknown {
  const { metadata, ...rest } = object as KubernetesObject & { binaryData?: unknown; stringData?: unknown };
  const {
    managedFields: _,
    annotations = {},
    ...kept
  } = metadata as KubernetesObject["metadata"] & { managedFields?: unknown };
  const shownAnnotations = Object.entries(annotations).map(([key, value]) => [
    key,
    SHOWN_ANNOTATIONS.test(key) ? value : MASK,
  ]);
  const { data, binaryData, stringData, ...body } = rest;
  const keys = [data, binaryData, stringData].flatMap((part) => Object.keys((part ?? {}) as object));
  const shown = {
    ...body,
    metadata: {
      ...kept,
      ...(shownAnnotations.length === 0 ? {} : { annotations: Object.fromEntries(shownAnnotations) }),
    },
    ...(keys.length === 0 ? {} : { data: Object.fromEntries(keys.map((key) => [key, MASK])) }),
  };
  return below(shown, redact);
}

function below(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((item) => below(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => {
      const isHidden = typeof inside === "string" && inside !== "" && (SECRET_KEY.test(key) || ANY_TEXT.test(key));
      return [key, isHidden ? MASK : below(inside, redact)];
    }),
  );
}

/** The secrets in a Secret's data (base64): whole values under secret keys, and those under such keys inside them. */
export function secretsIn(data: Readonly<Record<string, string>>): string[] {
  return Object.entries(data).flatMap(([key, encoded]) => {
    const text = Buffer.from(encoded, "base64").toString("utf8");
    const inside = [...text.matchAll(INSIDE)].map((match) => unescaped(match[1] ?? match[2] ?? ""));
    return [...(SECRET_KEY.test(key) || (inside.length === 0 && text.length >= 20) ? [text] : []), ...inside].filter(
      Boolean,
    );
  });
}

/** Values of secret keys in JSON or YAML. */
const INSIDE =
  /(?:pass(?:word|wd)?|token|key-data|secret|api[-_]?key)\\?["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"',}]+))/gi;

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
