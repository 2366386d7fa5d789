/** Removes known secrets, and text that looks like one, from texts and objects. */
import type { KubernetesObject } from "./object.ts";
import { secretMatcher } from "./secret-matcher.ts";

const MASK = "[redacted]";
/** Keys of secrets; names of Secrets and references to them do not match. */
const SECRET_KEY =
  /pass(?:word|wd|phrase)?$|^pass|token$|^token|secret$|credentials?$|private|key-data$|api[-_]?key$|authPass|kubeconfig$|userData|bootstrapData|^auth$|authorization$/i;
/** Keys of texts that may hold anything: files of machines, above all. */
const ANY_TEXT = /^(content|contentBase64|ca\.crt)$/;

const WORDS =
  "pass(?:word|wd|phrase)?|pwd|token|api[-_]?key|key-data|client[-_]?secret|secret[-_]?(?:access[-_]?)?key|authorization|cookie";

/** Most texts have none of them. */
const ANY_WORD = new RegExp(`${WORDS}|secret`, "i");

/** Each begins where no longer match can begin, or is bounded, so that a text is read once, whatever is in it. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, MASK],
  [/\b(bearer|basic)\s+[\w.+/=~-]{8,}/gi, `$1 ${MASK}`],
  // A login in a URL; what ends like a port is one.
  [/(:\/\/)[^\s/@:]{0,128}:(?!\d{1,5}(?:[\s/?#"']|$))(?:(?!:\/\/)[^\s"]){1,128}@/g, `$1${MASK}@`],
];

/** Secrets after a word for one. */
const PAIRS: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(
      `((?:^|\\s)--?(?:[\\w-]{0,40}[-_])?(?:${WORDS}|secret)[ \\t]+)(?!\\[redacted)["']?[^\\s"'-][^\\s"']*`,
      "gi",
    ),
    `$1${MASK}`,
  ],
  // "key": "value" and key="value", also where the quotes are escaped: then the rest of the outer text goes too.
  [new RegExp(`((?:${WORDS}|secret)\\\\*"?\\s*[:=]\\s*\\\\*")(?:\\\\.|[^"\\\\])*`, "gi"), `$1${MASK}`],
  [
    new RegExp(
      `((?:(?:${WORDS})'?\\s*(?:[:=]>?|%3D|>(?=[^\\s<]))|secret=)\\s*(?:[|>][-+0-9]*[ \\t]*\\r?\\n\\s*)?(?!(?:(?:bearer|basic|token)\\s+)?\\[redacted)(?:(?:bearer|basic|token)\\s+)?)(?:'[^'\\n]*|[^\\s"'\\\\,;}\\]]+)`,
      "gi",
    ),
    `$1${MASK}`,
  ],
];

/** Text without its secrets. */
export type Redact = (text: string) => string;

/** A function that masks the secrets given and whatever looks like one. */
export function redactor(secrets: readonly string[]): Redact {
  const masked = secretMatcher(secrets, MASK);
  return (text) => {
    const patterns = ANY_WORD.test(text) ? [...FORMS, ...PAIRS] : FORMS;
    return patterns.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), masked(text));
  };
}

/** A value as JSON whose texts have no secrets; masked as a whole, its structure could go with one. */
export function redactedJson(value: unknown, redact: Redact): string {
  return JSON.stringify(value, (_, item) => (typeof item === "string" ? redact(item) : item), 2);
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

/** An argument such as --password, whose value is the next one. */
const SECRET_FLAG = new RegExp(`^--?(?:[\\w-]*[-_])?(?:${WORDS}|secret)$`, "i");

function below(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value))
    return value.map((item, index) => (SECRET_FLAG.test(String(value[index - 1])) ? MASK : below(item, redact)));
  if (typeof value !== "object" || value === null) return value;
  const { name } = value as { name?: unknown };
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => {
      // A variable or a header is a pair of name and value.
      const isSecret = [key, key === "value" ? name : undefined].some((one) => SECRET_KEY.test(String(one ?? "")));
      return [key, isSecret || ANY_TEXT.test(key) ? hidden(inside, redact) : below(inside, redact)];
    }),
  );
}

/** Texts and numbers, also in a list; a map under such a key is a reference. */
function hidden(value: unknown, redact: Redact): unknown {
  if (Array.isArray(value)) return value.map((item) => hidden(item, redact));
  return (typeof value === "string" && value !== "") || typeof value === "number" ? MASK : below(value, redact);
}

/** The secrets in a Secret's data (base64): whole values under secret keys, and those under such keys inside them. */
export function secretsIn(data: Readonly<Record<string, string>>): string[] {
  return Object.entries(data).flatMap(([key, encoded]) => {
    const text = Buffer.from(encoded, "base64").toString("utf8");
    const inside = [...text.matchAll(INSIDE)].flatMap(([, double, single, rest = ""]) =>
      // A value without quotes ends with its line in YAML, and before in JSON.
      double !== undefined
        ? [unescaped(double)]
        : single !== undefined
          ? [single.replaceAll("''", "'")]
          : [rest.trim(), rest.split(/[\s"',}]/)[0] ?? ""],
    );
    const login = CSI_LOGIN.exec(text)?.[1] ?? "";
    const isWhole = SECRET_KEY.test(key) || (inside.length === 0 && text.length >= 20);
    return [...(isWhole ? [text] : []), ...inside, login].filter(Boolean);
  });
}

/** Values of secret keys in JSON, YAML and files of variables. */
const INSIDE =
  /(?:pass(?:word|wd|phrase)?|token|key-data|secret|api[-_]?key|["']auth)\\?["']?\s*[:=]>?\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\n]|'')*)'|(?:[|>][-+0-9]*[ \t]*\r?\n\s*)?([^\s"'][^\r\n]*))/gi;
/** Nutanix's CSI driver reads address, port, user and password in one text. */
const CSI_LOGIN = /^[^\s:]+:\d+:[^\s:]+:(\S+)\s*$/;

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
