/** How a secret in plain text looks: by its key, by its form, and within a text. Every expression takes linear time. */

const WORDS = [
  "passw(?:or)?d|passphrase|passcode|token|(?:api|private|encryption|signing|hmac|account|master|shared)[-_.]?key",
  "client[-_]?key[-_]?data|secret[-_]?(?:access[-_]?)?key",
  "(?:client|shared|app|api|session|cookie|webhook|jwt|hmac|oauth|consumer)[-_]?secret",
  "(?:db|root|admin|user|sql|redis|smtp|ldap|mail)pass|basic[-_]?auth|pre[-_]?shared[-_]?key",
].join("|");
/** Words that name a secret only if no letter precedes them: `imagePullSecret` is a reference. */
const WHOLE_WORDS = "secret|pwd|pw|pass|psk|auth|authorization";

const KEY = new RegExp(`(?:(?:${WORDS})s?|(?:^|[^a-z])(?:${WHOLE_WORDS}))[-_]?\\d*$`, "i");
const CAMEL_CASE_KEY = /[a-z0-9](?:Pwd|P[wW]|Pass|Authorization)\d*$/;
/** VRRP's, which is in plain text on the network and protects nothing. */
const VRRP_KEY = "authPass";
/** Values of `auth` that choose a method. */
const METHOD =
  /^(?:none|basic|bearer|token|oauth2?|oidc|ldap|saml|jwt|m?tls|kerberos|password|anonymous|iam|trust|default|internal|external|enabled?|disabled?|true|false|on|off|yes|no)$/i;

/** A reference, a template, a variable or a marker in place of a secret. */
const PLACEHOLDER = /\{\{[^}]*\}\}|\$\{(?:(?!:-)[^}])*\}|\$\([^)]*\)|%\[?[sv]|\[secret(?: [^\]]*)?\]|^<[^>]*>$|^\*+$/g;
const AROUND_PLACEHOLDERS = /^[\s:/@"',.-]*(?:(?:bearer|basic|token)[\s:/@"',.-]*)?$/i;

const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\bAGE-SECRET-KEY-1/;
const KNOWN_TOKEN =
  /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10}|hvs\.[\w-]{24}|npm_[A-Za-z0-9]{36}|AIza[\w-]{35}|sk-[\w-]{32}|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-])/;
/** User and password before the host. What ends like a port is one, and `@sha256:` is a digest. */
const URL_LOGIN = /:\/\/[^\s/:@?#]{0,256}:(?!\d{1,5}(?:[\s/?#,;"'}\])]|$))(\S{1,256}?)@(?!sha\d)/g;
/** A user alone is one, a token alone is a secret. */
const URL_TOKEN = /\b(?:https?|oci):\/\/([^\s/:@?#]{16,256})@/gi;
const LOGIN_WITHOUT_SCHEME = /^[^\s:/@]{1,256}:([^\s:/@]{1,256})@(?!sha\d)[a-z0-9.-]+(?::\d+)?(?:\/|$)/gi;
const LOGINS = [URL_LOGIN, URL_TOKEN, LOGIN_WITHOUT_SCHEME];

const PAIR = new RegExp(
  [
    `(${WORDS}|(?<![A-Za-z])(?:${WHOLE_WORDS}))[-_]?\\d*`,
    // `=`, and `:` unless it is inside a word such as `token:v1`.
    `(?:[ \\t]*\\\\*["'][ \\t]*[:=]>?|[ \\t]*(?:=(?!=)>?|%3D|:(?=[\\s"']|$)))[ \\t]*`,
    // An anchor or a tag of YAML before its value.
    "(?:[&!][^\\s]*[ \\t]+)?",
    // A block of YAML has its text on the next line.
    "(?:[|>][-+0-9]*[ \\t]*\\r?\\n[ \\t]*|\\r?\\n[ \\t]+(?![^\\s:]+:(?:\\s|$)|-\\s))?(?:(?:bearer|basic)[ \\t]+)?",
    `("(?:[^"\\\\\\n]|\\\\.)*"|'[^'\\n]*'|(?:\\{\\{[^}]*\\}\\}|\\$\\{[^}]*\\}|\\$\\([^)]*\\)|[^\\s"',;}\\])])+)`,
  ].join(""),
  "gi",
);
/** In a text, what is not a value: a variable of a shell, an alias or a tag of YAML, nothing. */
const NO_VALUE = /^(?:\$[\w@*#?]+|[*&!]\S*|`.*|null|~|true|false)$|^(?:\{(?!\{)|\[)/i;
/** Logins in commands and in files of logins. */
const COMMANDS = [
  new RegExp(
    `(?:^|\\s)--?(?:[\\w-]*(?:${WORDS})|(?:[\\w-]*-)?(?:${WHOLE_WORDS}))[ \\t]+["']?([^\\s"'-][^\\s"']{5,})`,
    "gi",
  ),
  /(?:^|\s)(?:-u|--user|--proxy-user)[ =]["']?[^\s:"'/]{1,256}:([^\s"']+)/g,
  /\bsshpass[ \t]+-p[ \t]*["']?([^\s"']+)/g,
  /\b[\w.-]{1,64}:([^\s"'|]{1,256})["']?\s*\|\s*(?:sudo\s+)?chpasswd\b/g,
  /\blogin[ \t]+\S{1,256}\s+password[ \t]+(\S+)/g,
  new RegExp(`<(?:\\w*(?:${WORDS})|${WHOLE_WORDS})>([^<\\s]{1,256})<`, "gi"),
];

export function isSecretKey(key: string): boolean {
  const name = key.trim();
  return name !== VRRP_KEY && (KEY.test(name) || CAMEL_CASE_KEY.test(name));
}

/** Why a value under a key looks like a secret; undefined if it does not. */
export function secretReason(key: string, value: string | number): string | undefined {
  if (typeof value === "number") return /passw|pass$|pwd$/i.test(key) ? "is a secret by its key" : undefined;
  if (isSecretKey(key) && !isHarmless(key, value)) return "is a secret by its key";
  return secretInText(value) ?? secretInText(decoded(value));
}

function secretInText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (PRIVATE_KEY.test(text)) return "contains a private key";
  const logins = LOGINS.flatMap((form) => (text.includes("@") ? [...text.matchAll(form)] : []));
  if (logins.some(([, login = ""]) => !isPlaceholder(login))) return "contains a URL with credentials";
  if (KNOWN_TOKEN.test(text)) return "contains a token";
  // The expressions are slow, and most texts have neither sign.
  const pair = (/[=:]/.test(text) ? [...text.matchAll(PAIR)] : []).find(([, word = "", value = ""]) => {
    const bare = value.replace(/^(["'])(.*)\1$/s, "$2");
    return !NO_VALUE.test(bare) && !isHarmless(word, bare);
  });
  const commands = /[\s<]/.test(text) ? COMMANDS : [];
  const isCommand = commands.some((form) =>
    [...text.matchAll(form)].some(([, value = ""]) => !NO_VALUE.test(value) && !isPlaceholder(value)),
  );
  if (pair === undefined && isCommand) return "contains a password";
  return pair && `contains a ${/pass|pwd/i.test(pair[1] ?? "") ? "password" : "secret"}`;
}

function isHarmless(key: string, value: string): boolean {
  return isPlaceholder(value) || (/auth$/i.test(key) && METHOD.test(value.trim()));
}

function isPlaceholder(value: string): boolean {
  const rest = value.trim().replace(PLACEHOLDER, "");
  return rest === "" || (rest !== value.trim() && AROUND_PLACEHOLDERS.test(rest));
}

/** The text that base64 stands for; undefined if it is none. */
function decoded(value: string): string | undefined {
  if (value.length < 12 || !/^[A-Za-z0-9+/_\s-]+={0,2}\s*$/.test(value)) return undefined;
  const text = Buffer.from(value, "base64").toString("utf8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text has none but blanks
  return /[\x00-\x08\x0e-\x1f\ufffd]/.test(text) ? undefined : text;
}
