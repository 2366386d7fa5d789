{{/* Line of kcm: kcmLine, else by the fields of the cluster's ProviderInterface CRD, else 1.2. */}}
{{- define "cluster-api-provider-nutanix.line" -}}
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

{{- define "cluster-api-provider-nutanix.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
