{{/* Line of kcm: forced, else told by the fields of the ProviderInterface CRD of this cluster, else 1.2. */}}
{{- define "provider.line" -}}
{{- if .Values.kcmLine -}}
{{- .Values.kcmLine -}}
{{- else -}}
{{- $line := "1.2" -}}
{{- range $version := dig "spec" "versions" list (lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "providerinterfaces.k0rdent.mirantis.com" | default dict) -}}
{{- if eq $version.name "v1beta1" -}}
{{- $fields := dig "schema" "openAPIV3Schema" "properties" "spec" "properties" dict $version -}}
{{- if hasKey $fields "clusterIdentities" -}}
{{- $line = ternary "1.5" "1.11" (hasKey $fields "clusterGVKs") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $line -}}
{{- end -}}
{{- end -}}

{{- define "provider.version" -}}
{{- .Values.version | default (ternary "v1.10.3" "v1.7.0" (eq (include "provider.line" .) "1.11")) -}}
{{- end -}}
