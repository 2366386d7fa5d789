{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* Name of the Cluster: kcm waits on deletion for an object that is named like the release. */}}
{{- define "common.cluster" -}}
{{- .Release.Name -}}
{{- end -}}

{{/* "core" API version of Cluster API: v1beta2 where it is served (Cluster API 1.11 and later). */}}
{{- define "common.coreVersion" -}}
{{- if .Values.kcmLine -}}
{{- ternary "v1beta2" "v1beta1" (eq .Values.kcmLine "1.11") -}}
{{- else -}}
{{- ternary "v1beta2" "v1beta1" (.Capabilities.APIVersions.Has "cluster.x-k8s.io/v1beta2") -}}
{{- end -}}
{{- end -}}

{{/* API version of the k0smotron kinds: v1beta2 from k0smotron 2.0 on. */}}
{{- define "common.k0smotronVersion" -}}
{{- if .Values.kcmLine -}}
{{- ternary "v1beta2" "v1beta1" (eq .Values.kcmLine "1.11") -}}
{{- else -}}
{{- ternary "v1beta2" "v1beta1" (.Capabilities.APIVersions.Has "controlplane.cluster.x-k8s.io/v1beta2") -}}
{{- end -}}
{{- end -}}

{{/* Reference from a Cluster API object to an object of another group. Arguments: root, group, version, kind, name. */}}
{{- define "common.ref" -}}
{{- if eq (include "common.coreVersion" .root) "v1beta2" -}}
apiGroup: {{ .group }}
{{- else -}}
apiVersion: {{ .group }}/{{ .version }}
{{- end }}
kind: {{ .kind }}
name: {{ .name }}
{{- end -}}

{{- define "common.labels" -}}
cluster.x-k8s.io/cluster-name: {{ include "common.cluster" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "common.clusterObject" -}}
{{- $core := include "common.coreVersion" .root -}}
{{- $k0smotron := include "common.k0smotronVersion" .root -}}
apiVersion: cluster.x-k8s.io/{{ $core }}
kind: Cluster
metadata:
  name: {{ include "common.cluster" .root }}
  namespace: {{ .root.Release.Namespace }}
  {{- with .root.Values.clusterLabels }}
  labels: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  clusterNetwork: {{- toYaml .root.Values.clusterNetwork | nindent 4 }}
  controlPlaneRef:
    {{- include "common.ref" (dict "root" .root "group" "controlplane.cluster.x-k8s.io" "version" $k0smotron "kind" .kind "name" .name) | nindent 4 }}
  infrastructureRef:
    {{- include "common.ref" (dict "root" .root "group" "infrastructure.cluster.x-k8s.io" "version" "v1beta1" "kind" "NutanixCluster" "name" (printf "%s-cluster" (include "common.cluster" .root))) | nindent 4 }}
{{- end -}}

{{/* NutanixCluster; a hosted control plane has no machines to spread. */}}
{{- define "common.nutanixCluster" -}}
{{- $pc := .Values.nutanix.prismCentral -}}
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: NutanixCluster
metadata:
  name: {{ include "common.cluster" . }}-cluster
  namespace: {{ .Release.Namespace }}
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  controlPlaneEndpoint:
    host: {{ .Values.nutanix.controlPlaneEndpoint.host | quote }}
    port: {{ int .Values.nutanix.controlPlaneEndpoint.port }}
  {{- with (default dict .Values.controlPlane).failureDomains }}
  controlPlaneFailureDomains:
    {{- range . }}
    - name: {{ include "common.failureDomain" (dict "root" $ "at" "controlPlane" "name" .) }}
    {{- end }}
  {{- end }}
  {{- if $pc.usePerClusterCredential }}
  prismCentral:
    address: {{ $pc.address | quote }}
    port: {{ int $pc.port }}
    insecure: {{ $pc.insecure }}
    credentialRef:
      kind: Secret
      name: {{ $pc.credentialSecretName }}
      namespace: {{ .Release.Namespace }}
    {{- with $pc.additionalTrustBundleConfigMapName }}
    additionalTrustBundle:
      kind: ConfigMap
      name: {{ . }}
      namespace: {{ $.Release.Namespace }}
    {{- end }}
  {{- end }}
{{- end -}}
