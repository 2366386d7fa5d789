{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* Pools of workers as a JSON list of {name, at, own, labels, taints, groups}: the first one and those of workerPools. */}}
{{- define "common.pools" -}}
{{- $values := .Values -}}
{{- $pools := list -}}
{{- if gt (int $values.workersNumber) 0 -}}
{{- $pools = append $pools (dict "name" "md" "at" "worker" "replicas" (int $values.workersNumber) "own" (default dict $values.worker)) -}}
{{- end -}}
{{- range $name, $pool := (default dict $values.workerPools) -}}
{{- $own := include "common.overlay" (dict "base" $values.worker "over" (omit $pool "replicas" "labels" "taints")) | fromJson -}}
{{- $pools = append $pools (dict "name" $name "at" (printf "workerPools.%s" $name) "replicas" (int $pool.replicas) "own" $own "labels" $pool.labels "taints" $pool.taints) -}}
{{- end -}}
{{- $common := default dict $values.k0s.worker -}}
{{- $taken := dict -}}
{{- $result := list -}}
{{- range $pool := $pools -}}
{{- $_ := set $pool "labels" (merge (dict) (default dict $pool.labels) (default dict $common.labels)) -}}
{{- if kindIs "invalid" $pool.taints -}}{{- $_ := set $pool "taints" (default list $common.taints) -}}{{- end -}}
{{- $_ := set $pool "groups" (include "common.groups" (dict "root" $ "pool" $pool) | fromJsonArray) -}}
{{- range $group := $pool.groups -}}
{{- if hasKey $taken $group.name -}}
{{- fail (printf "%s: makes a MachineDeployment %s, and so does %s; give the pool another name" $pool.at $group.name (index $taken $group.name)) -}}
{{- end -}}
{{- $_ := set $taken $group.name $pool.at -}}
{{- if gt (len $group.name) 63 -}}
{{- fail (printf "%s: makes a MachineDeployment %s, %d characters and not 63 at most; shorten the name of the cluster, the pool or the failure domain" $pool.at $group.name (len $group.name)) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $pool "own" (omit $pool.own "failureDomains") -}}
{{- $result = append $result $pool -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* MachineDeployments of a pool as a JSON list of {name, topology, replicas, failureDomain}: one for each failure domain, the first ones a machine larger. Arguments: root, pool. */}}
{{- define "common.groups" -}}
{{- $name := printf "%s-%s" .root.Release.Name .pool.name -}}
{{- $domains := default list .pool.own.failureDomains -}}
{{- $groups := list -}}
{{- if $domains -}}
{{- range $index, $domain := $domains -}}
{{- $replicas := add (div $.pool.replicas (len $domains)) (ternary 1 0 (lt $index (int (mod $.pool.replicas (len $domains))))) -}}
{{- $object := include "common.failureDomain" (dict "root" $.root "at" $.pool.at "name" $domain) -}}
{{- $groups = append $groups (dict "name" (printf "%s-%s" $name $domain) "topology" (printf "%s-%s" $.pool.name $domain) "replicas" $replicas "failureDomain" $object) -}}
{{- end -}}
{{- else -}}
{{- $groups = append $groups (dict "name" $name "topology" .pool.name "replicas" .pool.replicas) -}}
{{- end -}}
{{- toJson $groups -}}
{{- end -}}

{{/* Name of a NutanixFailureDomain, which is the name that Machines carry. Arguments: root, at, name. */}}
{{- define "common.failureDomain" -}}
{{- if not (hasKey (default dict .root.Values.failureDomains) .name) -}}
{{- fail (printf "%s.failureDomains: %q is no failure domain of the cluster; add it to failureDomains" .at .name) -}}
{{- end -}}
{{- .root.Release.Name }}-{{ .name }}
{{- end -}}

{{/* NutanixFailureDomains. CAPX keeps each while a machine is in it; its spec cannot be changed. */}}
{{- define "common.failureDomains" -}}
{{- range $name, $domain := (default dict .Values.failureDomains) }}
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: NutanixFailureDomain
metadata:
  name: {{ include "common.failureDomain" (dict "root" $ "name" $name) }}
  namespace: {{ $.Release.Namespace }}
  labels: {{- include "common.labels" $ | nindent 4 }}
spec:
  prismElementCluster: {{- toYaml $domain.cluster | nindent 4 }}
  subnets: {{- toYaml $domain.subnets | nindent 4 }}
{{- end }}
{{- end -}}
