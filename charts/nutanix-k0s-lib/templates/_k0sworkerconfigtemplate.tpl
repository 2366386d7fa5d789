{{/* K0sWorkerConfigTemplates. Arguments: root, mode. */}}
{{- define "nutanix-k0s.k0sWorkerConfigTemplates" -}}
{{- range $pool := include "nutanix-k0s.templatePools" . | fromJsonArray }}
---
apiVersion: bootstrap.cluster.x-k8s.io/{{ include "nutanix-k0s.k0smotronVersion" $.root }}
kind: K0sWorkerConfigTemplate
metadata:
  name: {{ $pool.bootstrap }}
  namespace: {{ $.root.Release.Namespace }}
  labels: {{- include "nutanix-k0s.labels" $.root | nindent 4 }}
spec:
  template:
    spec: {{- include "nutanix-k0s.workerConfigSpec" (dict "root" $.root "pool" $pool) | nindent 6 }}
{{- end }}
{{- end -}}

{{/* Spec of a K0sWorkerConfig. Arguments: root, pool. */}}
{{- define "nutanix-k0s.workerConfigSpec" -}}
{{- $version := include "nutanix-k0s.k0smotronVersion" .root -}}
version: {{ .root.Values.k0s.version }}
{{- with include "nutanix-k0s.downloadURL" .root }}
downloadURL: {{ . }}
{{- end }}
{{- with include "nutanix-k0s.workerArgs" (dict "root" .root "pool" .pool) | fromJsonArray }}
args: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "nutanix-k0s.nodeFiles" (dict "root" .root "service" "k0sworker") | fromJsonArray }}
files: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "nutanix-k0s.nodeCommands" .root | fromJsonArray }}
{{ ternary "preK0sCommands" "preStartCommands" (eq $version "v1beta2") }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Arguments of `k0s worker` for labels, taints, the profile and the cloud provider, as a JSON list. Arguments: root, pool. */}}
{{- define "nutanix-k0s.workerArgs" -}}
{{- $args := list -}}
{{- $labels := list -}}
{{- range $key, $value := .pool.labels -}}
{{- if not (include "nutanix-k0s.isMachineLabel" $key) -}}
{{- if and (regexMatch "(^|\\.)(kubernetes|k8s)\\.io/" $key) (not (regexMatch "^(.*\\.)?(kubelet|node)\\.kubernetes\\.io/|^topology\\.kubernetes\\.io/(zone|region)$" $key)) -}}
{{- fail (printf "k0s.worker.labels: %q is in a domain that the kubelet reserves; use a prefix of your own or node-role.kubernetes.io" $key) -}}
{{- end -}}
{{- $labels = append $labels (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- end -}}
{{- if $labels -}}{{- $args = append $args (printf "--labels=%s" (join "," $labels)) -}}{{- end -}}
{{- $taints := list -}}
{{- range $taint := .pool.taints -}}
{{- $taints = append $taints (printf "%s=%s:%s" $taint.key (default "" $taint.value) $taint.effect) -}}
{{- end -}}
{{- if $taints -}}{{- $args = append $args (printf "--taints=%s" (join "," $taints)) -}}{{- end -}}
{{- with .pool.profile -}}{{- $args = append $args (printf "--profile=%s" .) -}}{{- end -}}
{{- toJson (concat $args (include "nutanix-k0s.cloudArgs" .root | fromJsonArray)) -}}
{{- end -}}
