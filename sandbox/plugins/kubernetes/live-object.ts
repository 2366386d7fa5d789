import type { ValueMap } from "../property-values.ts";
import type { ApiClient } from "./api-client.ts";
import type { ApiResource } from "./discovery.ts";
import { gvkOf, nameOf, namespaceOf } from "./object-names.ts";

/** @throws NoMatchError for a kind that the API server does not know */
export async function resourceOf(client: ApiClient, object: ValueMap): Promise<ApiResource> {
  return client.discovery.find(gvkOf(object));
}

export async function readLive(client: ApiClient, object: ValueMap, name = nameOf(object)): Promise<ValueMap> {
  const path = client.path(await resourceOf(client, object), { namespace: namespaceOf(object), name });
  return client.call({ method: "GET", path });
}
