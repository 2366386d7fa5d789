{{- define "hcp.controlPlane" -}}
{{- .Release.Name }}-hcp-cp
{{- end -}}

{{- define "hcp.worker" -}}
{{- .Release.Name }}-hcp-worker
{{- end -}}

{{- define "hcp.workerMachineTemplate" -}}
{{- include "hcp.worker" . }}-mt-{{ include "common.machineHash" (dict "root" . "role" "worker") }}
{{- end -}}
