{{/* Name of a template: chart and dashed version. Arguments: chart, version. */}}
{{- define "capx.template" -}}
{{- .chart }}-{{ .version | replace "." "-" -}}
{{- end -}}

{{- define "capx.labels" -}}
k0rdent.mirantis.com/component: kcm
{{- end -}}

{{/* helm.chartSpec in the spelling of the controllers: they write it back, and the spec is immutable. Arguments: root, chart, version. */}}
{{- define "capx.helm" -}}
chartSpec:
  chart: {{ .chart }}
  version: {{ .version | quote }}
  interval: 10m0s
  reconcileStrategy: ChartVersion
  sourceRef:
    kind: HelmRepository
    name: nutanix-charts
{{- end -}}

{{- define "capx.serverLabels" -}}
app.kubernetes.io/name: nutanix-charts
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
