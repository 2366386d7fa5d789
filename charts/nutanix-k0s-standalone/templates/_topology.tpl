{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* Reference from a ClusterClass to a template. Arguments: root, group, version, kind, name. */}}
{{- define "common.templateRef" -}}
{{- $isNew := eq (include "common.coreVersion" .root) "v1beta2" -}}
{{ ternary "templateRef" "ref" $isNew }}:
  apiVersion: {{ .group }}.cluster.x-k8s.io/{{ .version }}
  kind: {{ .kind }}
  name: {{ .name }}
  {{- if not $isNew }}
  namespace: {{ .root.Release.Namespace }}
  {{- end }}
{{- end -}}

{{/* What the worker templates of the class hold, as JSON {own, pool, at}: the first pool, else the values of worker. Every pool of the topology replaces it. */}}
{{- define "common.classPool" -}}
{{- $pools := include "common.pools" . | fromJsonArray -}}
{{- $none := dict "name" "md" "at" "worker" "own" (omit (default dict .Values.worker) "failureDomains") -}}
{{- toJson (ternary (first $pools) $none (gt (len $pools) 0)) -}}
{{- end -}}

{{/* Name of the class's NutanixMachineTemplate of workers. Arguments: root, prefix. */}}
{{- define "common.classMachineTemplate" -}}
{{- $pool := include "common.classPool" .root | fromJson -}}
{{- .prefix }}-mt-{{ include "common.machineHash" (dict "root" .root "at" $pool.at "own" $pool.own) -}}
{{- end -}}

{{/* The worker templates of the class. Arguments: root, prefix. */}}
{{- define "common.classWorkers" -}}
{{- $pool := include "common.classPool" .root | fromJson -}}
---
{{ include "common.machineTemplate" (dict "root" .root "at" $pool.at "own" $pool.own "name" (include "common.classMachineTemplate" .)) }}
---
{{ include "common.workerConfig" (dict "root" .root "pool" $pool "name" (printf "%s-bootstrap" .prefix)) }}
{{- end -}}

{{/*
ClusterClass of one cluster. All pools share one class of workers, and what differs between them comes by variables: Helm writes the
Cluster before the ClusterClass, and Cluster API refuses a Cluster with a pool of a class that is not there yet.
Arguments: root, class, controlPlane {kind, version, name, machineTemplate}, prefix.
*/}}
{{- define "common.clusterClass" -}}
{{- $root := .root -}}
{{- $core := include "common.coreVersion" $root -}}
{{- $isNew := eq $core "v1beta2" -}}
{{- $k0smotron := include "common.k0smotronVersion" $root -}}
{{- $machines := include "common.templateRef" (dict "root" $root "group" "infrastructure" "version" "v1beta1" "kind" "NutanixMachineTemplate" "name" (include "common.classMachineTemplate" (dict "root" $root "prefix" .prefix))) -}}
{{- $bootstrap := include "common.templateRef" (dict "root" $root "group" "bootstrap" "version" $k0smotron "kind" "K0sWorkerConfigTemplate" "name" (printf "%s-bootstrap" .prefix)) -}}
{{- /* k0smotron's control planes do not report what this preflight check reads, and the workers would wait for ever. */ -}}
{{- $metadata := dict "annotations" (dict "machineset.cluster.x-k8s.io/skip-preflight-checks" "ControlPlaneIsStable") -}}
{{- $naming := ternary "naming" "namingStrategy" $isNew -}}
apiVersion: cluster.x-k8s.io/{{ $core }}
kind: ClusterClass
metadata:
  name: {{ .class }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "common.labels" $root | nindent 4 }}
spec:
  infrastructure:
    {{- include "common.templateRef" (dict "root" $root "group" "infrastructure" "version" "v1beta1" "kind" "NutanixClusterTemplate" "name" (printf "%s-cluster" (include "common.cluster" $root))) | nindent 4 }}
    {{- if $isNew }}
    naming: {template: {{ include "common.cluster" $root }}-cluster}
    {{- end }}
  {{- if not $isNew }}
  infrastructureNamingStrategy: {template: {{ include "common.cluster" $root }}-cluster}
  {{- end }}
  controlPlane:
    {{- include "common.templateRef" (dict "root" $root "group" "controlplane" "version" .controlPlane.version "kind" .controlPlane.kind "name" .controlPlane.name) | nindent 4 }}
    {{ $naming }}: {template: {{ .controlPlane.name }}}
    {{- with .controlPlane.machineTemplate }}
    machineInfrastructure:
      {{- include "common.templateRef" (dict "root" $root "group" "infrastructure" "version" "v1beta1" "kind" "NutanixMachineTemplate" "name" .) | nindent 6 }}
    {{- end }}
  workers:
    machineDeployments:
      - class: worker
        {{ $naming }}: {template: {{ "'{{ .cluster.name }}-{{ .machineDeployment.topologyName }}'" }}}
        {{- if $isNew }}
        metadata: {{- toYaml $metadata | nindent 10 }}
        bootstrap: {{- $bootstrap | nindent 10 }}
        infrastructure: {{- $machines | nindent 10 }}
        {{- else }}
        template:
          metadata: {{- toYaml $metadata | nindent 12 }}
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
            # The version that the topology controller lets these workers have: the new one only when the control plane has it.
            - op: add
              path: /spec/template/spec/version
              valueFrom: {template: {{ "'{{ .builtin.machineDeployment.version | replace \"-k0s.\" \"+k0s.\" }}'" }}}
{{- end -}}

{{/* Cluster with a topology. Arguments: root, class, version. */}}
{{- define "common.topologyCluster" -}}
{{- $root := .root -}}
{{- $core := include "common.coreVersion" $root -}}
{{- $pools := include "common.pools" $root | fromJsonArray -}}
apiVersion: cluster.x-k8s.io/{{ $core }}
kind: Cluster
metadata:
  name: {{ include "common.cluster" $root }}
  namespace: {{ $root.Release.Namespace }}
  {{- with $root.Values.clusterLabels }}
  labels: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  clusterNetwork: {{- toYaml $root.Values.clusterNetwork | nindent 4 }}
  topology:
    {{- if eq $core "v1beta2" }}
    classRef: {name: {{ .class }}}
    {{- else }}
    class: {{ .class }}
    {{- end }}
    version: {{ .version }}
    controlPlane:
      replicas: {{ int $root.Values.controlPlaneNumber }}
    {{- if $pools }}
    workers:
      machineDeployments:
        {{- range $pool := $pools }}
        {{- $machine := include "common.machineSpec" (dict "root" $root "at" $pool.at "own" $pool.own) | fromJson }}
        {{- $bootstrap := omit (include "common.workerConfigSpec" (dict "root" $root "pool" $pool) | fromYaml) "version" }}
        {{- $labels := dict }}
        {{- range $key, $value := $pool.labels }}
        {{- if include "common.isMachineLabel" $key }}{{- $_ := set $labels $key $value }}{{- end }}
        {{- end }}
        {{- range $group := $pool.groups }}
        - class: worker
          name: {{ $group.topology }}
          replicas: {{ int $group.replicas }}
          {{- with $group.failureDomain }}
          failureDomain: {{ . }}
          {{- end }}
          {{- with $labels }}
          metadata:
            labels: {{- toYaml . | nindent 14 }}
          {{- end }}
          variables:
            overrides:
              - name: machine
                value: {{- toYaml $machine | nindent 18 }}
              - name: bootstrap
                value: {{- toYaml $bootstrap | nindent 18 }}
        {{- end }}
        {{- end }}
    {{- end }}
{{- end -}}
