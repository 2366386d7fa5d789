{{- define "standalone.controlPlane" -}}
{{- .Release.Name }}-standalone-cp
{{- end -}}

{{- define "standalone.worker" -}}
{{- .Release.Name }}-standalone-worker
{{- end -}}

{{- define "standalone.controlPlaneMachineTemplate" -}}
{{- include "standalone.controlPlane" . }}-mt-{{ include "common.machineHash" (dict "root" . "role" "controlPlane") }}
{{- end -}}

{{- define "standalone.workerMachineTemplate" -}}
{{- include "standalone.worker" . }}-mt-{{ include "common.machineHash" (dict "root" . "role" "worker") }}
{{- end -}}
