{{/* MachineDeployments. Arguments: root, mode. */}}
{{- define "nutanix-k0s.machineDeployments" -}}
{{- $core := include "nutanix-k0s.coreVersion" .root -}}
{{- $k0smotron := include "nutanix-k0s.k0smotronVersion" .root -}}
{{- $cluster := include "nutanix-k0s.clusterName" .root -}}
{{- range $pool := include "nutanix-k0s.pools" . | fromJsonArray }}
{{- range $group := $pool.groups }}
---
apiVersion: cluster.x-k8s.io/{{ $core }}
kind: MachineDeployment
metadata:
  name: {{ $group.name }}
  namespace: {{ $.root.Release.Namespace }}
  labels: {{- include "nutanix-k0s.labels" $.root | nindent 4 }}
spec:
  clusterName: {{ $cluster }}
  replicas: {{ int $group.replicas }}
  selector:
    matchLabels:
      cluster.x-k8s.io/cluster-name: {{ $cluster }}
      cluster.x-k8s.io/deployment-name: {{ $group.name }}
  template:
    metadata:
      labels:
        cluster.x-k8s.io/cluster-name: {{ $cluster }}
        cluster.x-k8s.io/deployment-name: {{ $group.name }}
        {{- range $key, $value := $pool.machineLabels }}
        {{ $key }}: {{ $value | quote }}
        {{- end }}
    spec:
      clusterName: {{ $cluster }}
      version: {{ regexReplaceAll "\\+k0s.*$" $.root.Values.k0s.version "" }}
      {{- with $group.failureDomain }}
      failureDomain: {{ . }}
      {{- end }}
      bootstrap:
        configRef:
          {{- include "nutanix-k0s.ref" (dict "root" $.root "group" "bootstrap.cluster.x-k8s.io" "version" $k0smotron "kind" "K0sWorkerConfigTemplate" "name" $pool.bootstrap) | nindent 10 }}
      infrastructureRef:
        {{- include "nutanix-k0s.ref" (dict "root" $.root "group" "infrastructure.cluster.x-k8s.io" "version" "v1beta1" "kind" "NutanixMachineTemplate" "name" $pool.machineTemplate) | nindent 8 }}
{{- end }}
{{- end }}
{{- end -}}
