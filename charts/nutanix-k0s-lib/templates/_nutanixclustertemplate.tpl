{{/* NutanixClusterTemplate of the ClusterClass. Arguments: root. */}}
{{- define "nutanix-k0s.nutanixClusterTemplate" -}}
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: NutanixClusterTemplate
metadata:
  name: {{ include "nutanix-k0s.clusterName" .root }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "nutanix-k0s.labels" .root | nindent 4 }}
spec:
  template:
    spec: {{- include "nutanix-k0s.nutanixClusterSpec" .root | nindent 6 }}
{{- end -}}
