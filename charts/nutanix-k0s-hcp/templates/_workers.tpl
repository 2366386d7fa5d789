{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* Name of the MachineDeployment and its MachineHealthCheck; short, since it is a label's value and the machines' prefix. */}}
{{- define "common.workers" -}}
{{- .Release.Name }}-md
{{- end -}}

{{/* "true" for a label that a kubelet may not give itself and Cluster API hands on from the Machine to the Node. */}}
{{- define "common.isMachineLabel" -}}
{{- $prefix := splitList "/" . | first -}}
{{- if and (contains "/" .) (or (eq $prefix "node-role.kubernetes.io") (hasSuffix "node-restriction.kubernetes.io" $prefix) (hasSuffix "node.cluster.x-k8s.io" $prefix)) -}}
true
{{- end -}}
{{- end -}}

{{/* Arguments of `k0s worker` for labels and taints, as a JSON list. */}}
{{- define "common.workerArgs" -}}
{{- $args := list -}}
{{- $worker := default dict .Values.k0s.worker -}}
{{- $labels := list -}}
{{- range $key, $value := (default dict $worker.labels) -}}
{{- if not (include "common.isMachineLabel" $key) -}}
{{- if and (regexMatch "(^|\\.)(kubernetes|k8s)\\.io/" $key) (not (regexMatch "^(.*\\.)?(kubelet|node)\\.kubernetes\\.io/|^topology\\.kubernetes\\.io/(zone|region)$|^kubernetes\\.io/(arch|os|hostname)$" $key)) -}}
{{- fail (printf "k0s.worker.labels: %q is refused by the kubelet because it is in a reserved domain; use a prefix of your own or node-role.kubernetes.io" $key) -}}
{{- end -}}
{{- $labels = append $labels (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- end -}}
{{- if $labels -}}{{- $args = append $args (printf "--labels=%s" (join "," $labels)) -}}{{- end -}}
{{- $taints := list -}}
{{- range $taint := (default list $worker.taints) -}}
{{- $taints = append $taints (printf "%s=%s:%s" $taint.key (default "" $taint.value) $taint.effect) -}}
{{- end -}}
{{- if $taints -}}{{- $args = append $args (printf "--taints=%s" (join "," $taints)) -}}{{- end -}}
{{- toJson $args -}}
{{- end -}}

{{/* MachineDeployment of the workers. Arguments: root, bootstrap (name), machineTemplate (name). */}}
{{- define "common.machineDeployment" -}}
{{- $values := .root.Values -}}
{{- $k0smotron := include "common.k0smotronVersion" .root -}}
apiVersion: cluster.x-k8s.io/{{ include "common.coreVersion" .root }}
kind: MachineDeployment
metadata:
  name: {{ include "common.workers" .root }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "common.labels" .root | nindent 4 }}
  annotations:
    # k0smotron's control planes do not report what this preflight check reads, and the workers would wait for ever.
    machineset.cluster.x-k8s.io/skip-preflight-checks: ControlPlaneIsStable
spec:
  clusterName: {{ include "common.cluster" .root }}
  replicas: {{ int $values.workersNumber }}
  selector:
    matchLabels:
      cluster.x-k8s.io/cluster-name: {{ include "common.cluster" .root }}
      cluster.x-k8s.io/deployment-name: {{ include "common.workers" .root }}
  template:
    metadata:
      labels:
        cluster.x-k8s.io/cluster-name: {{ include "common.cluster" .root }}
        cluster.x-k8s.io/deployment-name: {{ include "common.workers" .root }}
        {{- range $key, $value := (default dict (default dict $values.k0s.worker).labels) }}
        {{- if include "common.isMachineLabel" $key }}
        {{ $key }}: {{ $value | quote }}
        {{- end }}
        {{- end }}
    spec:
      clusterName: {{ include "common.cluster" .root }}
      version: {{ regexReplaceAll "\\+k0s.*$" $values.k0s.version "" }}
      bootstrap:
        configRef:
          {{- include "common.ref" (dict "root" .root "group" "bootstrap.cluster.x-k8s.io" "version" $k0smotron "kind" "K0sWorkerConfigTemplate" "name" .bootstrap) | nindent 10 }}
      infrastructureRef:
        {{- include "common.ref" (dict "root" .root "group" "infrastructure.cluster.x-k8s.io" "version" "v1beta1" "kind" "NutanixMachineTemplate" "name" .machineTemplate) | nindent 8 }}
{{- end -}}

{{/* K0sWorkerConfigTemplate. Arguments: root, name. */}}
{{- define "common.workerConfig" -}}
{{- $args := include "common.workerArgs" .root | fromJsonArray -}}
{{- $version := include "common.k0smotronVersion" .root -}}
apiVersion: bootstrap.cluster.x-k8s.io/{{ $version }}
kind: K0sWorkerConfigTemplate
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "common.labels" .root | nindent 4 }}
spec:
  template:
    spec:
      version: {{ .root.Values.k0s.version }}
      {{- with include "common.downloadURL" .root }}
      downloadURL: {{ . }}
      {{- end }}
      {{- with $args }}
      args: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with include "common.nodeFiles" .root | fromJsonArray }}
      files: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with include "common.nodeCommands" .root | fromJsonArray }}
      {{ ternary "preK0sCommands" "preStartCommands" (eq $version "v1beta2") }}: {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}

{{/* MachineHealthCheck of the workers. */}}
{{- define "common.machineHealthCheck" -}}
{{- $core := include "common.coreVersion" . -}}
{{- /* 40% of two machines rounds down to none: two workers may lose one. */ -}}
{{- $tolerated := ternary "50%" "40%" (eq (int .Values.workersNumber) 2) -}}
apiVersion: cluster.x-k8s.io/{{ $core }}
kind: MachineHealthCheck
metadata:
  name: {{ include "common.workers" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  clusterName: {{ include "common.cluster" . }}
  selector:
    matchLabels:
      cluster.x-k8s.io/deployment-name: {{ include "common.workers" . }}
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
