{{/*
NutanixMachineTemplates. Helm keeps the old template of workers, which their old MachineSets still use; the Cluster owns it,
and both are deleted together. With a ClusterClass the topology controller uses a copy. Arguments: root, mode.
*/}}
{{- define "nutanix-k0s.nutanixMachineTemplates" -}}
{{- $templates := list -}}
{{- with (include "nutanix-k0s.controlPlane" . | fromJson).machineTemplate -}}
{{- $templates = append $templates (dict "name" . "at" "controlPlane" "own" (include "nutanix-k0s.controlPlaneMachines" $.root | fromJson)) -}}
{{- end -}}
{{- range include "nutanix-k0s.templatePools" . | fromJsonArray -}}
{{- $templates = append $templates (dict "name" .machineTemplate "at" .at "own" .own "keep" (not $.root.Values.clusterClass)) -}}
{{- end -}}
{{- range $templates }}
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
kind: NutanixMachineTemplate
metadata:
  name: {{ .name }}
  namespace: {{ $.root.Release.Namespace }}
  labels: {{- include "nutanix-k0s.labels" $.root | nindent 4 }}
  {{- if .keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
spec:
  template:
    spec: {{- include "nutanix-k0s.machineSpec" (dict "root" $.root "at" .at "own" .own) | fromJson | toYaml | nindent 6 }}
{{- end }}
{{- end -}}

{{/* What differs for control plane machines, as JSON. */}}
{{- define "nutanix-k0s.controlPlaneMachines" -}}
{{- toJson (omit (default dict .Values.controlPlane) "failureDomains") -}}
{{- end -}}

{{/* Values over a base, key by key, as JSON; image and imageLookup exclude each other. Arguments: base, over. */}}
{{- define "nutanix-k0s.overlay" -}}
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

{{/* Spec of a NutanixMachine as JSON: the defaults, overridden key by key. Arguments: root, at (path of the values), own (the values). */}}
{{- define "nutanix-k0s.machineSpec" -}}
{{- $m := include "nutanix-k0s.overlay" (dict "base" .root.Values.machineDefaults "over" .own) | fromJson -}}
{{- range $key := list "cluster" "subnets" -}}
{{- if not (hasKey $m $key) -}}
{{- fail (printf "machineDefaults.%s: is missing, and %s does not set it; set one of the two" $key $.at) -}}
{{- end -}}
{{- end -}}
{{- if eq (hasKey $m "image") (hasKey $m "imageLookup") -}}
{{- fail (printf "machineDefaults.image: exactly one of image and imageLookup is required, and %s has %s; set one" .at (ternary "both" "neither" (hasKey $m "image"))) -}}
{{- end -}}
{{- $spec := dict
      "vcpusPerSocket" (int $m.vcpusPerSocket)
      "vcpuSockets" (int $m.vcpuSockets)
      "memorySize" $m.memorySize
      "systemDiskSize" $m.systemDiskSize
      "bootType" $m.bootType
      "cluster" $m.cluster
      "subnet" $m.subnets -}}
{{- range $key := list "image" "gpus" "project" "additionalCategories" -}}
{{- with index $m $key -}}{{- $_ := set $spec $key . -}}{{- end -}}
{{- end -}}
{{- with $m.dataDisks -}}
{{- $_ := set $spec "dataDisks" (include "nutanix-k0s.dataDisks" (dict "at" $.at "disks" .) | fromJsonArray) -}}
{{- end -}}
{{- with $m.imageLookup -}}{{- $_ := set $spec "imageLookup" (include "nutanix-k0s.imageLookup" . | fromJson) -}}{{- end -}}
{{- toJson $spec -}}
{{- end -}}

{{/*
Data disks as JSON, each with an index of its own on its adapter. CAPX gives the first two that have none one index, and takes 0 for
none; the index 0 of SCSI and IDE is the system's. Arguments: at, disks.
*/}}
{{- define "nutanix-k0s.dataDisks" -}}
{{- $taken := dict -}}
{{- range .disks -}}
{{- with .deviceProperties -}}
{{- if .deviceIndex -}}
{{- $address := printf "%s.%d" .adapterType (int .deviceIndex) -}}
{{- if hasKey $taken $address -}}
{{- fail (printf "%s.dataDisks: two disks have the address %s; set another deviceIndex, or remove it" $.at $address) -}}
{{- end -}}
{{- $_ := set $taken $address true -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $disks := list -}}
{{- range $disk := .disks -}}
{{- $device := deepCopy (default (dict "deviceType" "Disk" "adapterType" "SCSI") $disk.deviceProperties) -}}
{{- range $index := untilStep 1 (int (add1 (len $.disks))) 1 -}}
{{- $address := printf "%s.%d" $device.adapterType $index -}}
{{- if not (or $device.deviceIndex (hasKey $taken $address)) -}}
{{- $_ := set $device "deviceIndex" $index -}}
{{- $_ := set $taken $address true -}}
{{- end -}}
{{- end -}}
{{- $disks = append $disks (merge (dict "deviceProperties" $device) $disk) -}}
{{- end -}}
{{- toJson $disks -}}
{{- end -}}

{{/*
imageLookup as JSON, for one spelling of the version in image names. CAPX reads format as a Go template, and its result as a regular
expression that may match anywhere in a name. Its K8sVersion is the Machine's: 1.32.6, 1.32.6+k0s.0 (k0smotron) or 1.32.6-k0s.0
(ClusterClass). The expression takes 1.32.6 of each, literally, and \b keeps 1.32.1 from matching 1.32.16.
*/}}
{{- define "nutanix-k0s.imageLookup" -}}
{{- $version := `\Q{{printf "%.6s" .K8sVersion}}{{if gt (len .K8sVersion) 6}}{{with index .K8sVersion 6}}{{if and (ge . 48) (le . 57)}}{{printf "%c" .}}{{end}}{{end}}{{end}}\E` -}}
{{- $format := default "capx-{{.BaseOS}}-{{.K8sVersion}}-*" .format -}}
{{- $format = regexReplaceAll `{{\s*\.K8sVersion\s*}}(\w)` $format (printf "%s${1}" $version) -}}
{{- $format = regexReplaceAll `{{\s*\.K8sVersion\s*}}` $format (printf `%s\b` $version) -}}
{{- toJson (dict "baseOS" .baseOS "format" $format) -}}
{{- end -}}

{{/* First 8 hex digits of the SHA-256 of a machine spec: only a template with a new name rolls machines. */}}
{{- define "nutanix-k0s.machineHash" -}}
{{- include "nutanix-k0s.machineSpec" . | sha256sum | trunc 8 -}}
{{- end -}}
