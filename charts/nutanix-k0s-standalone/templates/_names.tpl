{{- define "standalone.controlPlane" -}}
{{- .Release.Name }}-standalone-cp
{{- end -}}

{{- define "standalone.worker" -}}
{{- .Release.Name }}-standalone-worker
{{- end -}}

{{/* What differs for control plane machines, as JSON. */}}
{{- define "standalone.controlPlaneOwn" -}}
{{- toJson (omit (default dict .Values.controlPlane) "failureDomains") -}}
{{- end -}}

{{- define "standalone.controlPlaneMachineTemplate" -}}
{{- include "standalone.controlPlane" . }}-mt-{{ include "common.machineHash" (dict "root" . "at" "controlPlane" "own" (include "standalone.controlPlaneOwn" . | fromJson)) }}
{{- end -}}
