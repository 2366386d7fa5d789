/** What is left of the v3 API: the user, its roles, and projects. Shapes are those of prism-go-client's `v3/v3_structs.go`. */
import type { JsonObject, StandInResponse } from "./api-v4.ts";
import type { StandInState, StandInUser } from "./stand-in-state.ts";

const BASE = "/api/nutanix/v3/";

const entity = (kind: string, uuid: string, status: JsonObject): JsonObject => ({
  status: { state: "COMPLETE", ...status },
  spec: { name: status["name"] },
  metadata: { kind, uuid },
});
const reference = (kind: string) => ({ kind, uuid: "00000000-0000-4000-8000-000000000001" });

/** A request to the v3 API. */
export interface RequestV3 {
  readonly path: string;
  /** Body of a `list` request. */
  readonly body: unknown;
  readonly user: StandInUser;
}

/** The v3 API's response; undefined: it has no such path. */
export function respondV3(state: StandInState, { path, body, user: { role } }: RequestV3): StandInResponse | undefined {
  if (!path.startsWith(BASE)) return undefined;
  const [first = "", second = ""] = path.slice(BASE.length).split("/");
  if (first === "projects" && second === "list") return projects(state, body);
  const found = (kind: string, status: JsonObject) => ({ status: 200, body: entity(kind, second, status) });
  if (first === "users" && second === "me") {
    const policies = role === undefined ? [] : [reference("access_control_policy")];
    const type = role === undefined ? "LOCAL" : "DIRECTORY_SERVICE";
    return found("user", { resources: { user_type: type, access_control_policy_reference_list: policies } });
  }
  if (first === "access_control_policies") {
    return found("access_control_policy", { resources: { role_reference: reference("role") } });
  }
  if (first !== "roles" || role === undefined) return undefined;
  const list = role.permissions.map((permission) => ({ kind: "permission", name: permission.replaceAll(" ", "_") }));
  return found("role", { name: role.name, resources: { permission_reference_list: list } });
}

function projects({ projects }: StandInState, body: unknown): StandInResponse {
  const { length = 20, offset = 0 } = (body ?? {}) as { length?: number; offset?: number };
  const page = projects.slice(offset, offset + length);
  const entities = page.map(({ uuid, name }) => entity("project", uuid, { name, resources: {} }));
  const metadata = { kind: "project", offset, length: entities.length, total_matches: projects.length };
  return { status: 200, body: { api_version: "3.1", metadata, entities } };
}

/** An error in the format of the v3 API. */
export function errorV3(code: number, reason: string, message: string): JsonObject {
  return { api_version: "3.1", code, state: "ERROR", message_list: [{ message, reason }] };
}
