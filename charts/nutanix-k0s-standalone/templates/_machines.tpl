{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* Spec of a NutanixMachine as JSON: the defaults with the role's values in their place, key by key. Arguments: root, role. */}}
{{- define "common.machineSpec" -}}
{{- $m := deepCopy .root.Values.machineDefaults -}}
{{- range $key, $value := (default dict (index .root.Values .role)) -}}
{{- $_ := set $m $key $value -}}
{{- end -}}
{{- range $key := list "cluster" "subnets" -}}
{{- if not (hasKey $m $key) -}}
{{- fail (printf "machineDefaults.%s: is missing and %s has none of its own; set one of the two" $key $.role) -}}
{{- end -}}
{{- end -}}
{{- /* image and imageLookup exclude one another; the role's own choice wins. */ -}}
{{- $own := default dict (index .root.Values .role) -}}
{{- if and (hasKey $own "image") (not (hasKey $own "imageLookup")) -}}{{- $_ := unset $m "imageLookup" -}}{{- end -}}
{{- if and (hasKey $own "imageLookup") (not (hasKey $own "image")) -}}{{- $_ := unset $m "image" -}}{{- end -}}
{{- if eq (hasKey $m "image") (hasKey $m "imageLookup") -}}
{{- fail (printf "machineDefaults.image: exactly one of image and imageLookup is needed and %s has %s; set one" .role (ternary "both" "none" (hasKey $m "image"))) -}}
{{- end -}}
{{- $spec := dict
      "vcpusPerSocket" (int $m.vcpusPerSocket)
      "vcpuSockets" (int $m.vcpuSockets)
      "memorySize" $m.memorySize
      "systemDiskSize" $m.systemDiskSize
      "bootType" $m.bootType
      "cluster" $m.cluster
      "subnet" $m.subnets -}}
{{- range $key := list "image" "imageLookup" "gpus" "dataDisks" -}}
{{- with index $m $key -}}{{- $_ := set $spec $key . -}}{{- end -}}
{{- end -}}
{{- with $m.project -}}{{- $_ := set $spec "project" . -}}{{- end -}}
{{- with $m.additionalCategories -}}{{- $_ := set $spec "additionalCategories" . -}}{{- end -}}
{{- toJson $spec -}}
{{- end -}}

{{/* First 8 hex digits of the SHA-256 of a machine spec: a new spec is a new template, and only a new template rolls machines. */}}
{{- define "common.machineHash" -}}
{{- include "common.machineSpec" . | sha256sum | trunc 8 -}}
{{- end -}}

{{/* NutanixMachineTemplate. Arguments: root, role, name, keep (Helm leaves it when its name changes; its Cluster owns it and takes it along). */}}
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
