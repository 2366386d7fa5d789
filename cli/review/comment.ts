/**
 * Keeps one comment of a pull or merge request up to date: `node cli/review/comment.ts review.md`.
 * It is found again by the page's first line. Needs Node alone, and where it is told by the variables of GitHub Actions
 * (GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, PULL_REQUEST) or of GitLab CI (GITLAB_TOKEN, CI_API_V4_URL,
 * CI_PROJECT_ID, CI_MERGE_REQUEST_IID).
 */
import { readFile } from "node:fs/promises";
import process from "node:process";

type Variables = Readonly<Record<string, string | undefined>>;

/** One forge's way of comments. */
interface Forge {
  readonly headers: Readonly<Record<string, string>>;
  /** Address of the request's comments. */
  readonly comments: string;
  readonly comment: (id: number) => string;
  readonly update: "PATCH" | "PUT";
  /** Whether a comment is ours to change: somebody else's may begin with the same line. */
  readonly isOurs: (comment: Comment, me: number | undefined) => boolean;
  /** Address that tells who we are; undefined: need not be known. */
  readonly self?: string;
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user?: { readonly type?: string };
  readonly author?: { readonly id: number };
}

const PAGE = 100;

/** Writes the comment, or changes the one that is there; returns what was done. */
export async function comment(text: string, variables: Variables): Promise<"created" | "updated" | "unchanged"> {
  const forge = forgeOf(variables);
  const marker = text.split("\n")[0] ?? "";
  const me = forge.self === undefined ? undefined : ((await call(forge, "GET", forge.self)) as { id: number }).id;
  const old = await find(forge, (one) => (one.body ?? "").startsWith(marker) && forge.isOurs(one, me));
  if (old === undefined) {
    await call(forge, "POST", forge.comments, { body: text });
    return "created";
  }
  if (old.body?.trim() === text.trim()) return "unchanged";
  await call(forge, forge.update, forge.comment(old.id), { body: text });
  return "updated";
}

function forgeOf(variables: Variables): Forge {
  const need = (name: string) => {
    const value = variables[name];
    if (value) return value;
    throw new Error(`${name} is not set; it is where the comment goes, or the right to write it`);
  };
  if (variables["CI_API_V4_URL"]) {
    const project = `${need("CI_API_V4_URL")}/projects/${encodeURIComponent(need("CI_PROJECT_ID"))}`;
    const notes = `${project}/merge_requests/${encodeURIComponent(need("CI_MERGE_REQUEST_IID"))}/notes`;
    return {
      headers: { "PRIVATE-TOKEN": need("GITLAB_TOKEN") },
      comments: notes,
      comment: (id) => `${notes}/${id}`,
      update: "PUT",
      isOurs: ({ author }, me) => author?.id === me,
      self: `${need("CI_API_V4_URL")}/user`,
    };
  }
  const repository = `${need("GITHUB_API_URL")}/repos/${need("GITHUB_REPOSITORY")}/issues`;
  return {
    headers: { authorization: `Bearer ${need("GITHUB_TOKEN")}`, accept: "application/vnd.github+json" },
    comments: `${repository}/${encodeURIComponent(need("PULL_REQUEST"))}/comments`,
    comment: (id) => `${repository}/comments/${id}`,
    update: "PATCH",
    isOurs: ({ user }) => user?.type === "Bot",
  };
}

async function find(forge: Forge, wanted: (comment: Comment) => boolean): Promise<Comment | undefined> {
  for (let page = 1; ; page++) {
    const comments = (await call(forge, "GET", `${forge.comments}?per_page=${PAGE}&page=${page}`)) as Comment[];
    const found = comments.find(wanted);
    if (found !== undefined || comments.length < PAGE) return found;
  }
}

async function call({ headers }: Forge, method: string, ...[address = "", body]: [string, object?]): Promise<unknown> {
  const response = await fetch(address, {
    method,
    headers: { ...headers, "content-type": "application/json", "user-agent": "k0rdent-nutanix" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  // What the forge says may repeat what was sent: its status is enough.
  if (!response.ok) throw new Error(`${method} ${address.split("?")[0]} was answered with ${response.status}`);
  return response.json();
}

if (process.argv[1] === import.meta.filename) {
  try {
    const file = process.argv[2];
    if (file === undefined) throw new Error("name the file with the page: node cli/review/comment.ts review.md");
    process.stdout.write(`comment ${await comment(await readFile(file, "utf8"), process.env)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
