{{/* Spec of the K0sControlPlane; without replicas, version and machines in a template, where Cluster API's topology controller sets them. */}}
{{- define "standalone.controlPlaneSpec" -}}
{{- $version := include "standalone.controlPlaneVersion" . }}
{{- $file := include "common.encryptionFile" . }}
{{- $files := include "common.nodeFiles" (dict "root" . "service" "k0scontroller") | fromJsonArray }}
{{- $commands := include "common.nodeCommands" . | fromJsonArray }}
{{- with (default dict .Values.encryptionAtRest).secretName }}
{{- $from := dict "secretRef" (dict "name" . "key" "encryption-config.yaml") }}
{{- $files = append $files (dict "path" $file "permissions" "0400" "contentFrom" $from) }}
{{- /* k0s runs the API server as this user, and makes it only after these commands; nobody else may read the key. */}}
{{- $commands = append $commands "id -u kube-apiserver >/dev/null 2>&1 || useradd --system --no-create-home --home-dir /var/lib/k0s --shell /usr/sbin/nologin --user-group kube-apiserver" }}
{{- $commands = append $commands (printf "chown kube-apiserver %s" $file) }}
{{- end }}
{{- $workers := int .Values.workersNumber }}
{{- range (default dict .Values.workerPools) }}{{- $workers = add $workers (int .replicas) | int }}{{- end -}}
updateStrategy: InPlace
{{- if not .Values.clusterClass }}
replicas: {{ int .Values.controlPlaneNumber }}
version: {{ include "standalone.version" . }}
machineTemplate:
  infrastructureRef:
    apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
    kind: NutanixMachineTemplate
    name: {{ include "standalone.controlPlaneMachineTemplate" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}
k0sConfigSpec:
  args:
    # Without a kubelet on them the controllers would be no Nodes, and their Machines never Running.
    - --enable-worker
    - --disable-components=konnectivity-server
    {{- if eq $workers 0 }}
    - --no-taints
    {{- end }}
    {{- range include "common.cloudArgs" . | fromJsonArray }}
    - {{ . }}
    {{- end }}
  {{- with include "common.downloadURL" . }}
  downloadURL: {{ . }}
  {{- end }}
  {{- with $files }}
  files: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $commands }}
  {{ ternary "preK0sCommands" "preStartCommands" (eq $version "v1beta2") }}: {{- toYaml . | nindent 4 }}
  {{- end }}
  k0s: {{- include "standalone.k0sConfig" . | fromJson | toYaml | nindent 4 }}
{{- end -}}
