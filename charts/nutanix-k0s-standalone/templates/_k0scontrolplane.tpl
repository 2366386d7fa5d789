{{/* Spec of the K0sControlPlane. In a template Cluster API's topology controller sets replicas, version and machines. */}}
{{- define "nutanix-k0s.k0sControlPlaneSpec" -}}
{{- $controlPlane := include "nutanix-k0s.controlPlane" (dict "root" . "mode" "standalone") | fromJson }}
{{- $file := include "nutanix-k0s.encryptionFile" . }}
{{- $files := include "nutanix-k0s.nodeFiles" (dict "root" . "service" "k0scontroller") | fromJsonArray }}
{{- $commands := include "nutanix-k0s.controlPlaneCommands" . | fromJsonArray }}
{{- with (default dict .Values.encryptionAtRest).secretName }}
{{- $from := dict "secretRef" (dict "name" . "key" "encryption-config.yaml") }}
{{- $files = append $files (dict "path" $file "permissions" "0400" "contentFrom" $from) }}
{{- end }}
{{- $workers := int .Values.workersNumber }}
{{- range (default dict .Values.workerPools) }}{{- $workers = add $workers (int .replicas) | int }}{{- end -}}
updateStrategy: InPlace
{{- if not .Values.clusterClass }}
replicas: {{ int .Values.controlPlaneNumber }}
version: {{ .Values.k0s.version }}
machineTemplate:
  infrastructureRef:
    apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
    kind: NutanixMachineTemplate
    name: {{ $controlPlane.machineTemplate }}
    namespace: {{ .Release.Namespace }}
{{- end }}
k0sConfigSpec:
  args:
    # Without a kubelet the controllers have no Nodes, and their Machines never become Running.
    - --enable-worker
    - --disable-components=konnectivity-server
    {{- if eq $workers 0 }}
    - --no-taints
    {{- end }}
    {{- range include "nutanix-k0s.cloudArgs" . | fromJsonArray }}
    - {{ . }}
    {{- end }}
  {{- with include "nutanix-k0s.downloadURL" . }}
  downloadURL: {{ . }}
  {{- end }}
  {{- with $files }}
  files: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and $commands (not .Values.clusterClass) }}
  {{ ternary "preK0sCommands" "preStartCommands" (eq $controlPlane.api "v1beta2") }}: {{- toYaml $commands | nindent 4 }}
  {{- end }}
  k0s: {{- include "nutanix-k0s.standaloneConfig" . | fromJson | toYaml | nindent 4 }}
{{- end -}}

{{/* Commands of control plane nodes before k0s, as a JSON list. */}}
{{- define "nutanix-k0s.controlPlaneCommands" -}}
{{- $commands := include "nutanix-k0s.nodeCommands" . | fromJsonArray -}}
{{- if (default dict .Values.encryptionAtRest).secretName -}}
{{- /* k0s runs the API server as this user and creates it only after these commands; only that user may read the key. */ -}}
{{- $commands = append $commands "id -u kube-apiserver >/dev/null 2>&1 || useradd --system --no-create-home --home-dir /var/lib/k0s --shell /usr/sbin/nologin --user-group kube-apiserver" -}}
{{- $commands = append $commands (printf "chown kube-apiserver %s" (include "nutanix-k0s.encryptionFile" .)) -}}
{{- end -}}
{{- toJson $commands -}}
{{- end -}}
