{{/*
Pools of workers as a JSON list: the one of workersNumber, then those of workerPools. Each has name, at (path of its values), replicas,
own (what differs from machineDefaults), labels, machineLabels, taints, profile, groups, and the names machineTemplate and bootstrap.
Arguments: root, mode.
*/}}
{{- define "nutanix-k0s.pools" -}}
{{- $values := .root.Values -}}
{{- $prefix := include "nutanix-k0s.workerName" . -}}
{{- $pools := list -}}
{{- if gt (int $values.workersNumber) 0 -}}
{{- $pools = append $pools (dict "name" "md" "prefix" $prefix "at" "worker" "replicas" (int $values.workersNumber) "own" (default dict $values.worker)) -}}
{{- end -}}
{{- range $name, $pool := (default dict $values.workerPools) -}}
{{- $own := include "nutanix-k0s.overlay" (dict "base" $values.worker "over" (omit $pool "replicas" "labels" "taints" "profile")) | fromJson -}}
{{- $pools = append $pools (dict "name" $name "prefix" (printf "%s-%s" $prefix $name) "at" (printf "workerPools.%s" $name) "replicas" (int $pool.replicas) "own" $own "labels" $pool.labels "taints" $pool.taints "profile" $pool.profile) -}}
{{- end -}}
{{- $shared := default dict $values.k0s.worker -}}
{{- $groups := dict -}}
{{- range $pool := $pools -}}
{{- $_ := set $pool "labels" (merge (dict) (default dict $pool.labels) (default dict $shared.labels)) -}}
{{- $_ := set $pool "machineLabels" dict -}}
{{- range $key, $value := $pool.labels -}}
{{- if include "nutanix-k0s.isMachineLabel" $key -}}{{- $_ := set $pool.machineLabels $key $value -}}{{- end -}}
{{- end -}}
{{- if kindIs "invalid" $pool.taints -}}{{- $_ := set $pool "taints" (default list $shared.taints) -}}{{- end -}}
{{- $_ := set $pool "profile" (default $shared.profile $pool.profile) -}}
{{- $_ := set $pool "groups" (include "nutanix-k0s.groups" (dict "root" $.root "pool" $pool) | fromJsonArray) -}}
{{- range $group := $pool.groups -}}
{{- if hasKey $groups $group.name -}}
{{- fail (printf "%s: its MachineDeployment %s has the name of one of %s; rename the pool" $pool.at $group.name (index $groups $group.name)) -}}
{{- end -}}
{{- $_ := set $groups $group.name $pool.at -}}
{{- if gt (len $group.name) 63 -}}
{{- fail (printf "%s: the name of its MachineDeployment, %s, has %d characters, and 63 are allowed; shorten the name of the cluster, the pool or the failure domain" $pool.at $group.name (len $group.name)) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $pool "own" (omit $pool.own "failureDomains") -}}
{{- $_ := set $pool "machineTemplate" (printf "%s-mt-%s" $pool.prefix (include "nutanix-k0s.machineHash" (dict "root" $.root "at" $pool.at "own" $pool.own))) -}}
{{- $_ := set $pool "bootstrap" (printf "%s-bootstrap" $pool.prefix) -}}
{{- end -}}
{{- toJson $pools -}}
{{- end -}}

{{/* MachineDeployments of a pool as a JSON list of {name, topology, replicas, failureDomain}: one for each failure domain, the first ones a machine larger. Arguments: root, pool. */}}
{{- define "nutanix-k0s.groups" -}}
{{- $name := printf "%s-%s" .root.Release.Name .pool.name -}}
{{- $domains := default list .pool.own.failureDomains -}}
{{- $groups := list -}}
{{- range $index, $domain := $domains -}}
{{- $replicas := add (div $.pool.replicas (len $domains)) (ternary 1 0 (lt $index (int (mod $.pool.replicas (len $domains))))) -}}
{{- $object := include "nutanix-k0s.failureDomainName" (dict "root" $.root "at" $.pool.at "name" $domain) -}}
{{- $groups = append $groups (dict "name" (printf "%s-%s" $name $domain) "topology" (printf "%s-%s" $.pool.name $domain) "replicas" $replicas "failureDomain" $object) -}}
{{- else -}}
{{- $groups = append $groups (dict "name" $name "topology" .pool.name "replicas" .pool.replicas) -}}
{{- end -}}
{{- toJson $groups -}}
{{- end -}}

{{/* The pool that the worker templates of a ClusterClass are written from: the first one, else the values of worker. Every pool of the topology overrides it. Arguments: root, mode. */}}
{{- define "nutanix-k0s.classPool" -}}
{{- $prefix := include "nutanix-k0s.workerName" . -}}
{{- $pool := dict "at" "worker" "own" (omit (default dict .root.Values.worker) "failureDomains") -}}
{{- range include "nutanix-k0s.pools" . | fromJsonArray | reverse -}}{{- $pool = . -}}{{- end -}}
{{- $_ := set $pool "machineTemplate" (printf "%s-mt-%s" $prefix (include "nutanix-k0s.machineHash" (dict "root" .root "at" $pool.at "own" $pool.own))) -}}
{{- $_ := set $pool "bootstrap" (printf "%s-bootstrap" $prefix) -}}
{{- toJson $pool -}}
{{- end -}}

{{/* The pools that have templates of their own, as a JSON list; with a ClusterClass its one pool. Arguments: root, mode. */}}
{{- define "nutanix-k0s.templatePools" -}}
{{- if .root.Values.clusterClass -}}
{{- list (include "nutanix-k0s.classPool" . | fromJson) | toJson -}}
{{- else -}}
{{- include "nutanix-k0s.pools" . -}}
{{- end -}}
{{- end -}}

{{/* "true" for a label that a kubelet must not set itself and that Cluster API copies from the Machine to the Node. */}}
{{- define "nutanix-k0s.isMachineLabel" -}}
{{- $prefix := splitList "/" . | first -}}
{{- if and (contains "/" .) (or (eq $prefix "node-role.kubernetes.io") (hasSuffix "node-restriction.kubernetes.io" $prefix) (hasSuffix "node.cluster.x-k8s.io" $prefix)) -}}
true
{{- end -}}
{{- end -}}
