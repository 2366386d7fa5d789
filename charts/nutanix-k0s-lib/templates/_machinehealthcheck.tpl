{{/* MachineHealthChecks of the pools with two workers or more. Arguments: root, mode. */}}
{{- define "nutanix-k0s.machineHealthChecks" -}}
{{- $core := include "nutanix-k0s.coreVersion" .root -}}
{{- $hasClass := eq true .root.Values.clusterClass -}}
{{- $label := printf "%s/deployment-name" (ternary "topology.cluster.x-k8s.io" "cluster.x-k8s.io" $hasClass) -}}
{{- range $pool := include "nutanix-k0s.pools" . | fromJsonArray }}
{{- if gt (int $pool.replicas) 1 }}
{{- /* 40% of two machines rounds down to none: two workers may lose one. */}}
{{- $tolerated := ternary "50%" "40%" (eq (int $pool.replicas) 2) }}
{{- $names := list }}
{{- range $pool.groups }}{{- $names = append $names (ternary .topology .name $hasClass) }}{{- end }}
---
apiVersion: cluster.x-k8s.io/{{ $core }}
kind: MachineHealthCheck
metadata:
  name: {{ $.root.Release.Name }}-{{ $pool.name }}
  namespace: {{ $.root.Release.Namespace }}
  labels: {{- include "nutanix-k0s.labels" $.root | nindent 4 }}
spec:
  clusterName: {{ include "nutanix-k0s.clusterName" $.root }}
  selector:
    {{- if gt (len $names) 1 }}
    matchExpressions:
      - key: {{ $label }}
        operator: In
        values: {{- toYaml $names | nindent 10 }}
    {{- else }}
    matchLabels:
      {{ $label }}: {{ first $names | quote }}
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
{{- end }}
{{- end }}
{{- end -}}
