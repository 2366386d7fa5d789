import { ApiError } from "./api-client.ts";
import { NoMatchError } from "./discovery.ts";

/** The preview cannot know: the namespace is not there yet. */
export class NamespaceMissingError extends Error {}

export const EXISTS_HELP = `

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias, or deleteBeforeReplace if it has to be replaced.
  - Managing an object of somebody else: use a Patch resource (e.g. NamespacePatch).
  - Adopting an object: use \`pulumi import\`.
  - Meaning to overwrite it: set upsertExistingObjects on the provider.`;

export function isMissing(error: unknown): boolean {
  return error instanceof NoMatchError || (error instanceof ApiError && error.code === 404);
}

export function hasAlready(error: unknown): error is ApiError {
  return error instanceof ApiError && error.reason === "AlreadyExists";
}

export function isNamespaceMissing(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404 && error.details["kind"] === "namespaces";
}
