{{/* NutanixFailureDomains. CAPX keeps each while it has machines; their specs are immutable. Arguments: root. */}}
{{- define "nutanix-k0s.nutanixFailureDomains" -}}
{{- range $name, $domain := (default dict .root.Values.failureDomains) }}
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: NutanixFailureDomain
metadata:
  name: {{ include "nutanix-k0s.failureDomainName" (dict "root" $.root "name" $name) }}
  namespace: {{ $.root.Release.Namespace }}
  labels: {{- include "nutanix-k0s.labels" $.root | nindent 4 }}
spec:
  prismElementCluster: {{- toYaml $domain.cluster | nindent 4 }}
  subnets: {{- toYaml $domain.subnets | nindent 4 }}
{{- end }}
{{- end -}}
