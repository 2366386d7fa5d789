{{- define "hcp.controlPlane" -}}
{{- .Release.Name }}-hcp-cp
{{- end -}}

{{- define "hcp.worker" -}}
{{- .Release.Name }}-hcp-worker
{{- end -}}
