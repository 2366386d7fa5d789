{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* Values over a base, key by key, as JSON; image and imageLookup are one choice. Arguments: base, over. */}}
{{- define "common.overlay" -}}
{{- $m := deepCopy (default dict .base) -}}
{{- $over := default dict .over -}}
{{- if or (hasKey $over "image") (hasKey $over "imageLookup") -}}
{{- $m = omit $m "image" "imageLookup" -}}
{{- end -}}
{{- range $key, $value := $over -}}
{{- $_ := set $m $key $value -}}
{{- end -}}
{{- toJson $m -}}
{{- end -}}

{{/* Spec of a NutanixMachine as JSON: the defaults with the group's values in their place. Arguments: root, at (where they stand), own. */}}
{{- define "common.machineSpec" -}}
{{- $m := include "common.overlay" (dict "base" .root.Values.machineDefaults "over" .own) | fromJson -}}
{{- range $key := list "cluster" "subnets" -}}
{{- if not (hasKey $m $key) -}}
{{- fail (printf "machineDefaults.%s: is missing and %s has none of its own; set one of the two" $key $.at) -}}
{{- end -}}
{{- end -}}
{{- if eq (hasKey $m "image") (hasKey $m "imageLookup") -}}
{{- fail (printf "machineDefaults.image: exactly one of image and imageLookup is needed and %s has %s; set one" .at (ternary "both" "none" (hasKey $m "image"))) -}}
{{- end -}}
{{- $spec := dict
      "vcpusPerSocket" (int $m.vcpusPerSocket)
      "vcpuSockets" (int $m.vcpuSockets)
      "memorySize" $m.memorySize
      "systemDiskSize" $m.systemDiskSize
      "bootType" $m.bootType
      "cluster" $m.cluster
      "subnet" $m.subnets -}}
{{- range $key := list "image" "imageLookup" "gpus" "dataDisks" "project" "additionalCategories" -}}
{{- with index $m $key -}}{{- $_ := set $spec $key . -}}{{- end -}}
{{- end -}}
{{- toJson $spec -}}
{{- end -}}

{{/* First 8 hex digits of the SHA-256 of a machine spec: a new spec is a new template, and only a new template rolls machines. */}}
{{- define "common.machineHash" -}}
{{- include "common.machineSpec" . | sha256sum | trunc 8 -}}
{{- end -}}

{{/* NutanixMachineTemplate. Arguments: root, at, own, name, keep (Helm leaves it when its name changes; its Cluster owns it and takes it along). */}}
{{- define "common.machineTemplate" -}}
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: NutanixMachineTemplate
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "common.labels" .root | nindent 4 }}
  {{- if .keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
spec:
  template:
    spec: {{- include "common.machineSpec" . | fromJson | toYaml | nindent 6 }}
{{- end -}}
