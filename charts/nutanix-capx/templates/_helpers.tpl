{{/* Name of a template: chart and dashed version. Arguments: chart, version. */}}
{{- define "nutanix-capx.template" -}}
{{- .chart }}-{{ .version | replace "." "-" -}}
{{- end -}}

{{/* Labels of this release. They change with the chart: no selector may have them. Arguments: root, name (of the application). */}}
{{- define "nutanix-capx.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "nutanix-capx.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{/* Arguments: root, name. */}}
{{- define "nutanix-capx.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* spec.helm of a template in the spelling of kcm's controllers: they write it back, and the spec is immutable. Arguments: chart, version. */}}
{{- define "nutanix-capx.helm" -}}
chartSpec:
  chart: {{ .chart }}
  version: {{ .version | quote }}
  interval: 10m0s
  reconcileStrategy: ChartVersion
  sourceRef:
    kind: HelmRepository
    name: nutanix-charts
{{- end -}}
