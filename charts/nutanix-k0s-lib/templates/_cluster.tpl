{{/* Cluster, with a topology in place of references where it has a ClusterClass. Arguments: root, mode. */}}
{{- define "nutanix-k0s.cluster" -}}
{{- $root := .root -}}
apiVersion: cluster.x-k8s.io/{{ include "nutanix-k0s.coreVersion" $root }}
kind: Cluster
metadata:
  name: {{ include "nutanix-k0s.clusterName" $root }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- merge (deepCopy (default dict $root.Values.clusterLabels)) (omit (include "nutanix-k0s.labels" $root | fromYaml) "cluster.x-k8s.io/cluster-name") | toYaml | nindent 4 }}
spec:
  clusterNetwork: {{- toYaml $root.Values.clusterNetwork | nindent 4 }}
  {{- if $root.Values.clusterClass }}
  topology: {{- include "nutanix-k0s.topology" . | nindent 4 }}
  {{- else }}
  {{- $controlPlane := include "nutanix-k0s.controlPlane" . | fromJson }}
  controlPlaneRef:
    {{- include "nutanix-k0s.ref" (dict "root" $root "group" "controlplane.cluster.x-k8s.io" "version" $controlPlane.api "kind" $controlPlane.kind "name" (include "nutanix-k0s.controlPlaneName" .)) | nindent 4 }}
  infrastructureRef:
    {{- include "nutanix-k0s.ref" (dict "root" $root "group" "infrastructure.cluster.x-k8s.io" "version" "v1beta1" "kind" "NutanixCluster" "name" (include "nutanix-k0s.clusterName" $root)) | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Cluster.spec.topology: an entry for each MachineDeployment, with its machines as variables. Arguments: root, mode. */}}
{{- define "nutanix-k0s.topology" -}}
{{- $root := .root -}}
{{- $pools := include "nutanix-k0s.pools" . | fromJsonArray -}}
{{- if eq (include "nutanix-k0s.coreVersion" $root) "v1beta2" -}}
classRef: {name: {{ include "nutanix-k0s.className" . }}}
{{- else -}}
class: {{ include "nutanix-k0s.className" . }}
{{- end }}
version: {{ (include "nutanix-k0s.controlPlane" . | fromJson).version }}
controlPlane:
  replicas: {{ int $root.Values.controlPlaneNumber }}
{{- if $pools }}
workers:
  machineDeployments:
    {{- range $pool := $pools }}
    {{- $machine := include "nutanix-k0s.machineSpec" (dict "root" $root "at" $pool.at "own" $pool.own) | fromJson }}
    {{- $bootstrap := omit (include "nutanix-k0s.workerConfigSpec" (dict "root" $root "pool" $pool) | fromYaml) "version" }}
    {{- range $group := $pool.groups }}
    - class: worker
      name: {{ $group.topology | quote }}
      replicas: {{ int $group.replicas }}
      {{- with $group.failureDomain }}
      failureDomain: {{ . }}
      {{- end }}
      {{- with $pool.machineLabels }}
      metadata:
        labels: {{- toYaml . | nindent 10 }}
      {{- end }}
      variables:
        overrides:
          - name: machine
            value: {{- toYaml $machine | nindent 14 }}
          - name: bootstrap
            value: {{- toYaml $bootstrap | nindent 14 }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end -}}
