{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* "true" for a label that a kubelet may not give itself and Cluster API hands on from the Machine to the Node. */}}
{{- define "common.isMachineLabel" -}}
{{- $prefix := splitList "/" . | first -}}
{{- if and (contains "/" .) (or (eq $prefix "node-role.kubernetes.io") (hasSuffix "node-restriction.kubernetes.io" $prefix) (hasSuffix "node.cluster.x-k8s.io" $prefix)) -}}
true
{{- end -}}
{{- end -}}

{{/* Arguments of `k0s worker` for labels, taints and the cloud provider, as a JSON list. Arguments: root, pool. */}}
{{- define "common.workerArgs" -}}
{{- $args := list -}}
{{- $labels := list -}}
{{- range $key, $value := .pool.labels -}}
{{- if not (include "common.isMachineLabel" $key) -}}
{{- if and (regexMatch "(^|\\.)(kubernetes|k8s)\\.io/" $key) (not (regexMatch "^(.*\\.)?(kubelet|node)\\.kubernetes\\.io/|^topology\\.kubernetes\\.io/(zone|region)$|^kubernetes\\.io/(arch|os|hostname)$" $key)) -}}
{{- fail (printf "k0s.worker.labels: %q is refused by the kubelet because it is in a reserved domain; use a prefix of your own or node-role.kubernetes.io" $key) -}}
{{- end -}}
{{- $labels = append $labels (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- end -}}
{{- if $labels -}}{{- $args = append $args (printf "--labels=%s" (join "," $labels)) -}}{{- end -}}
{{- $taints := list -}}
{{- range $taint := .pool.taints -}}
{{- $taints = append $taints (printf "%s=%s:%s" $taint.key (default "" $taint.value) $taint.effect) -}}
{{- end -}}
{{- if $taints -}}{{- $args = append $args (printf "--taints=%s" (join "," $taints)) -}}{{- end -}}
{{- toJson (concat $args (include "common.cloudArgs" .root | fromJsonArray)) -}}
{{- end -}}

{{/* MachineDeployment of a group of workers. Arguments: root, pool, group, bootstrap (name), machineTemplate (name). */}}
{{- define "common.machineDeployment" -}}
{{- $k0smotron := include "common.k0smotronVersion" .root -}}
apiVersion: cluster.x-k8s.io/{{ include "common.coreVersion" .root }}
kind: MachineDeployment
metadata:
  name: {{ .group.name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "common.labels" .root | nindent 4 }}
  annotations:
    # k0smotron's control planes do not report what this preflight check reads, and the workers would wait for ever.
    machineset.cluster.x-k8s.io/skip-preflight-checks: ControlPlaneIsStable
spec:
  clusterName: {{ include "common.cluster" .root }}
  replicas: {{ int .group.replicas }}
  selector:
    matchLabels:
      cluster.x-k8s.io/cluster-name: {{ include "common.cluster" .root }}
      cluster.x-k8s.io/deployment-name: {{ .group.name }}
  template:
    metadata:
      labels:
        cluster.x-k8s.io/cluster-name: {{ include "common.cluster" .root }}
        cluster.x-k8s.io/deployment-name: {{ .group.name }}
        {{- range $key, $value := .pool.labels }}
        {{- if include "common.isMachineLabel" $key }}
        {{ $key }}: {{ $value | quote }}
        {{- end }}
        {{- end }}
    spec:
      clusterName: {{ include "common.cluster" .root }}
      version: {{ regexReplaceAll "\\+k0s.*$" .root.Values.k0s.version "" }}
      {{- with .group.failureDomain }}
      failureDomain: {{ . }}
      {{- end }}
      bootstrap:
        configRef:
          {{- include "common.ref" (dict "root" .root "group" "bootstrap.cluster.x-k8s.io" "version" $k0smotron "kind" "K0sWorkerConfigTemplate" "name" .bootstrap) | nindent 10 }}
      infrastructureRef:
        {{- include "common.ref" (dict "root" .root "group" "infrastructure.cluster.x-k8s.io" "version" "v1beta1" "kind" "NutanixMachineTemplate" "name" .machineTemplate) | nindent 8 }}
{{- end -}}

{{/* K0sWorkerConfigTemplate of a pool. Arguments: root, pool, name. */}}
{{- define "common.workerConfig" -}}
apiVersion: bootstrap.cluster.x-k8s.io/{{ include "common.k0smotronVersion" .root }}
kind: K0sWorkerConfigTemplate
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "common.labels" .root | nindent 4 }}
spec:
  template:
    spec: {{- include "common.workerConfigSpec" (dict "root" .root "pool" .pool) | nindent 6 }}
{{- end -}}

{{/* Spec of a K0sWorkerConfig. Arguments: root, pool. */}}
{{- define "common.workerConfigSpec" -}}
{{- $version := include "common.k0smotronVersion" .root -}}
version: {{ .root.Values.k0s.version }}
{{- with include "common.downloadURL" .root }}
downloadURL: {{ . }}
{{- end }}
{{- with include "common.workerArgs" (dict "root" .root "pool" .pool) | fromJsonArray }}
args: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "common.nodeFiles" (dict "root" .root "service" "k0sworker") | fromJsonArray }}
files: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "common.nodeCommands" .root | fromJsonArray }}
{{ ternary "preK0sCommands" "preStartCommands" (eq $version "v1beta2") }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* MachineHealthCheck of a pool. Arguments: root, pool. */}}
{{- define "common.machineHealthCheck" -}}
{{- $core := include "common.coreVersion" .root -}}
{{- /* 40% of two machines rounds down to none: two workers may lose one. */ -}}
{{- $tolerated := ternary "50%" "40%" (eq (int .pool.replicas) 2) -}}
{{- $names := list -}}
{{- range .pool.groups -}}{{- $names = append $names (ternary .topology .name (eq true $.root.Values.clusterClass)) -}}{{- end -}}
{{- $label := printf "%s/deployment-name" (ternary "topology.cluster.x-k8s.io" "cluster.x-k8s.io" (eq true .root.Values.clusterClass)) -}}
apiVersion: cluster.x-k8s.io/{{ $core }}
kind: MachineHealthCheck
metadata:
  name: {{ .root.Release.Name }}-{{ .pool.name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "common.labels" .root | nindent 4 }}
spec:
  clusterName: {{ include "common.cluster" .root }}
  selector:
    {{- if gt (len $names) 1 }}
    matchExpressions:
      - key: {{ $label }}
        operator: In
        values: {{- toYaml $names | nindent 10 }}
    {{- else }}
    matchLabels:
      {{ $label }}: {{ first $names }}
    {{- end }}
  {{- if eq $core "v1beta2" }}
  checks:
    nodeStartupTimeoutSeconds: 600
    unhealthyNodeConditions:
      - {type: Ready, status: "False", timeoutSeconds: 300}
      - {type: Ready, status: Unknown, timeoutSeconds: 300}
  remediation:
    triggerIf:
      unhealthyLessThanOrEqualTo: {{ $tolerated }}
  {{- else }}
  maxUnhealthy: {{ $tolerated }}
  nodeStartupTimeout: 10m0s
  unhealthyConditions:
    - {type: Ready, status: "False", timeout: 5m0s}
    - {type: Ready, status: Unknown, timeout: 5m0s}
  {{- end }}
{{- end -}}

{{/* All objects of the workers. Arguments: root, prefix (of the names of templates). */}}
{{- define "common.workers" -}}
{{- $root := .root -}}
{{- $prefix := .prefix -}}
{{- if $root.Values.clusterClass }}
{{ include "common.classWorkers" (dict "root" $root "prefix" $prefix) }}
{{- end }}
{{- range $pool := include "common.pools" $root | fromJsonArray }}
{{- $noun := ternary $prefix (printf "%s-%s" $prefix $pool.name) (eq $pool.name "md") }}
{{- $template := printf "%s-mt-%s" $noun (include "common.machineHash" (dict "root" $root "at" $pool.at "own" $pool.own)) }}
{{- $bootstrap := printf "%s-bootstrap" $noun }}
{{- if not $root.Values.clusterClass }}
---
{{ include "common.machineTemplate" (dict "root" $root "at" $pool.at "own" $pool.own "name" $template "keep" true) }}
---
{{ include "common.workerConfig" (dict "root" $root "pool" $pool "name" $bootstrap) }}
{{- range $group := $pool.groups }}
---
{{ include "common.machineDeployment" (dict "root" $root "pool" $pool "group" $group "bootstrap" $bootstrap "machineTemplate" $template) }}
{{- end }}
{{- end }}
{{- if gt (int $pool.replicas) 1 }}
---
{{ include "common.machineHealthCheck" (dict "root" $root "pool" $pool) }}
{{- end }}
{{- end }}
{{- end -}}
