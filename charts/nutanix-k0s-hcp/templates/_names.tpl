{{- define "hcp.controlPlane" -}}
{{- .Release.Name }}-hcp-cp
{{- end -}}

{{- define "hcp.worker" -}}
{{- .Release.Name }}-hcp-worker
{{- end -}}

{{/* k0s version in the spelling of images, as K0smotronControlPlane takes it on both lines. */}}
{{- define "hcp.version" -}}
{{- .Values.k0s.version | replace "+" "-" -}}
{{- end -}}

{{- define "hcp.controlPlaneVersion" -}}
{{- include "common.k0smotronVersion" . -}}
{{- end -}}
