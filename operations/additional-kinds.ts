/** What the doctor reads beside the snapshot: kinds that no tree of a cluster shows, and that explain one. */
import { NAMESPACE } from "../manifests/names.ts";
import { at, type LiveObject } from "./live-object.ts";
import type { Gap, Source } from "./snapshot.ts";

const CORE = "/api/v1";

/** Where each kind is listed, newest version first; `NS` stands for the namespace. */
const PATHS = {
  ConfigMap: [`${CORE}/namespaces/NS/configmaps`],
  Service: [`${CORE}/namespaces/NS/services`],
  Pod: [`${CORE}/namespaces/NS/pods`],
  NutanixMachineTemplate: ["/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/NS/nutanixmachinetemplates"],
  K0smotronCluster: [
    "/apis/k0smotron.io/v1beta2/namespaces/NS/clusters",
    "/apis/k0smotron.io/v1beta1/namespaces/NS/clusters",
  ],
  K0sWorkerConfig: [
    "/apis/bootstrap.cluster.x-k8s.io/v1beta2/namespaces/NS/k0sworkerconfigs",
    "/apis/bootstrap.cluster.x-k8s.io/v1beta1/namespaces/NS/k0sworkerconfigs",
  ],
  HelmRepository: ["/apis/source.toolkit.fluxcd.io/v1/namespaces/NS/helmrepositories"],
  Release: ["/apis/k0rdent.mirantis.com/v1beta1/releases"],
  ProviderInterface: ["/apis/k0rdent.mirantis.com/v1beta1/providerinterfaces"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ExtraKind = keyof typeof PATHS;
export const EXTRA_KINDS = Object.keys(PATHS) as readonly ExtraKind[];

export interface AdditionalObjects {
  readonly objects: Readonly<Record<ExtraKind, readonly LiveObject[]>>;
  readonly gaps: readonly (Omit<Gap, "kind"> & { readonly kind: ExtraKind })[];
}

/** Lists each kind once. Of ConfigMaps only the keys stay: what is in them is nobody's business here. */
export async function readAdditionalObjects(source: Source, namespace = NAMESPACE): Promise<AdditionalObjects> {
  const gaps: (Omit<Gap, "kind"> & { kind: ExtraKind })[] = [];
  const lists = await Promise.all(
    EXTRA_KINDS.map(async (kind) => {
      let message = "";
      for (const path of PATHS[kind]) {
        const { code, body } = await source.ask(path.replace("NS", namespace));
        if (code === 200) return [kind, itemsOf(body, kind)] as const;
        message = String(at(body, "message") ?? `the API server answered ${code}`);
        if (code === 404) continue;
        gaps.push({ kind, why: code === 401 || code === 403 ? "forbidden" : "failed", message });
        return [kind, []] as const;
      }
      gaps.push({ kind, why: "not served", message });
      return [kind, []] as const;
    }),
  );
  return { objects: Object.fromEntries(lists) as unknown as AdditionalObjects["objects"], gaps };
}

function itemsOf(body: unknown, kind: ExtraKind): LiveObject[] {
  const items = (at(body, "items") ?? []) as LiveObject[];
  const apiVersion = String(at(body, "apiVersion") ?? "");
  return items.map((item) => ({
    ...(kind === "ConfigMap" ? keysOnly(item) : item),
    apiVersion,
    kind: kind === "K0smotronCluster" ? "k0smotron Cluster" : kind,
  }));
}

/** Whether something stands under a key is kept, what it is not. */
function keysOnly({ apiVersion, kind, metadata, ...rest }: LiveObject): LiveObject {
  const { data = {}, binaryData = {} } = rest as { data?: Record<string, string>; binaryData?: Record<string, string> };
  const entries = Object.entries({ ...data, ...binaryData });
  return {
    apiVersion,
    kind,
    metadata,
    data: Object.fromEntries(entries.map(([key, text]) => [key, text === "" ? "" : "…"])),
  };
}
