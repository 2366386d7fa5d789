{{/* Reference from a ClusterClass to a template. Arguments: root, group, version, kind, name. */}}
{{- define "nutanix-k0s.templateRef" -}}
{{- $isNew := eq (include "nutanix-k0s.coreVersion" .root) "v1beta2" -}}
{{ ternary "templateRef" "ref" $isNew }}:
  apiVersion: {{ .group }}.cluster.x-k8s.io/{{ .version }}
  kind: {{ .kind }}
  name: {{ .name }}
  {{- if not $isNew }}
  namespace: {{ .root.Release.Namespace }}
  {{- end }}
{{- end -}}

{{/*
ClusterClass of one cluster. All pools share one class of workers and differ by variables: Helm writes the Cluster before the
ClusterClass, and Cluster API rejects a Cluster with a pool of a class that does not exist yet. Arguments: root, mode.
*/}}
{{- define "nutanix-k0s.clusterClass" -}}
{{- $root := .root -}}
{{- $core := include "nutanix-k0s.coreVersion" $root -}}
{{- $isNew := eq $core "v1beta2" -}}
{{- $k0smotron := include "nutanix-k0s.k0smotronVersion" $root -}}
{{- $controlPlane := include "nutanix-k0s.controlPlane" . | fromJson -}}
{{- $pool := include "nutanix-k0s.classPool" . | fromJson -}}
{{- $machines := include "nutanix-k0s.templateRef" (dict "root" $root "group" "infrastructure" "version" "v1beta1" "kind" "NutanixMachineTemplate" "name" $pool.machineTemplate) -}}
{{- $bootstrap := include "nutanix-k0s.templateRef" (dict "root" $root "group" "bootstrap" "version" $k0smotron "kind" "K0sWorkerConfigTemplate" "name" $pool.bootstrap) -}}
{{- $naming := ternary "naming" "namingStrategy" $isNew -}}
apiVersion: cluster.x-k8s.io/{{ $core }}
kind: ClusterClass
metadata:
  name: {{ include "nutanix-k0s.className" . }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "nutanix-k0s.labels" $root | nindent 4 }}
spec:
  infrastructure:
    {{- include "nutanix-k0s.templateRef" (dict "root" $root "group" "infrastructure" "version" "v1beta1" "kind" "NutanixClusterTemplate" "name" (include "nutanix-k0s.clusterName" $root)) | nindent 4 }}
    {{- if $isNew }}
    naming: {template: {{ include "nutanix-k0s.clusterName" $root }}}
    {{- end }}
  {{- if not $isNew }}
  infrastructureNamingStrategy: {template: {{ include "nutanix-k0s.clusterName" $root }}}
  {{- end }}
  controlPlane:
    {{- include "nutanix-k0s.templateRef" (dict "root" $root "group" "controlplane" "version" $controlPlane.api "kind" (printf "%sTemplate" $controlPlane.kind) "name" (include "nutanix-k0s.controlPlaneName" .)) | nindent 4 }}
    {{ $naming }}: {template: {{ include "nutanix-k0s.controlPlaneName" . }}}
    {{- with $controlPlane.machineTemplate }}
    machineInfrastructure:
      {{- include "nutanix-k0s.templateRef" (dict "root" $root "group" "infrastructure" "version" "v1beta1" "kind" "NutanixMachineTemplate" "name" .) | nindent 6 }}
    {{- end }}
  workers:
    machineDeployments:
      - class: worker
        {{ $naming }}: {template: {{ "'{{ .cluster.name }}-{{ .machineDeployment.topologyName }}'" }}}
        {{- if $isNew }}
        bootstrap: {{- $bootstrap | nindent 10 }}
        infrastructure: {{- $machines | nindent 10 }}
        {{- else }}
        template:
          bootstrap: {{- $bootstrap | nindent 12 }}
          infrastructure: {{- $machines | nindent 12 }}
        {{- end }}
  variables:
    {{- range $name := list "bootstrap" "machine" }}
    - name: {{ $name }}
      required: false
      schema:
        openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
    {{- end }}
  patches:
    - name: pool
      definitions:
        - selector:
            apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
            kind: NutanixMachineTemplate
            matchResources: {machineDeploymentClass: {names: [worker]}}
          jsonPatches:
            - {op: replace, path: /spec/template/spec, valueFrom: {variable: machine}}
        - selector:
            apiVersion: bootstrap.cluster.x-k8s.io/{{ $k0smotron }}
            kind: K0sWorkerConfigTemplate
            matchResources: {machineDeploymentClass: {names: [worker]}}
          jsonPatches:
            - {op: replace, path: /spec/template/spec, valueFrom: {variable: bootstrap}}
            # The version that the topology controller allows for these workers: the new one only after the control plane has it.
            - op: add
              path: /spec/template/spec/version
              valueFrom: {template: {{ "'{{ .builtin.machineDeployment.version | replace \"-k0s.\" \"+k0s.\" }}'" }}}
    {{- if eq .mode "standalone" }}
    {{- with include "nutanix-k0s.controlPlaneCommands" $root | fromJsonArray }}
    # k0smotron 2 stores the template as v1beta2, without a conversion: there it would lose these commands.
    - name: controlPlane
      definitions:
        - selector:
            apiVersion: controlplane.cluster.x-k8s.io/{{ $controlPlane.api }}
            kind: K0sControlPlaneTemplate
            matchResources: {controlPlane: true}
          jsonPatches:
            - op: add
              path: /spec/template/spec/k0sConfigSpec/preStartCommands
              value: {{- toYaml . | nindent 16 }}
    {{- end }}
    {{- end }}
{{- end -}}
