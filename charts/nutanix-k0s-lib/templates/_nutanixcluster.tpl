{{/* NutanixCluster. CAPX counts the machines that its deletion waits for by the label of a Cluster of its name. Arguments: root. */}}
{{- define "nutanix-k0s.nutanixCluster" -}}
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: NutanixCluster
metadata:
  name: {{ include "nutanix-k0s.clusterName" .root }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "nutanix-k0s.labels" .root | nindent 4 }}
spec: {{- include "nutanix-k0s.nutanixClusterSpec" .root | nindent 2 }}
{{- end -}}

{{/* Spec of the NutanixCluster; a hosted control plane has no machines to spread. */}}
{{- define "nutanix-k0s.nutanixClusterSpec" -}}
{{- $pc := .Values.nutanix.prismCentral -}}
controlPlaneEndpoint:
  host: {{ .Values.nutanix.controlPlaneEndpoint.host | quote }}
  port: {{ int .Values.nutanix.controlPlaneEndpoint.port }}
{{- with (default dict .Values.controlPlane).failureDomains }}
controlPlaneFailureDomains:
  {{- range . }}
  - name: {{ include "nutanix-k0s.failureDomainName" (dict "root" $ "at" "controlPlane" "name" .) }}
  {{- end }}
{{- end }}
{{- if $pc.usePerClusterCredential }}
prismCentral:
  address: {{ $pc.address | quote }}
  port: {{ int $pc.port }}
  insecure: {{ $pc.insecure }}
  credentialRef:
    kind: Secret
    name: {{ $pc.credentialSecretName | quote }}
    namespace: {{ .Release.Namespace }}
  {{- with $pc.additionalTrustBundleConfigMapName }}
  additionalTrustBundle:
    kind: ConfigMap
    name: {{ . | quote }}
    namespace: {{ $.Release.Namespace }}
  {{- end }}
{{- end }}
{{- end -}}
