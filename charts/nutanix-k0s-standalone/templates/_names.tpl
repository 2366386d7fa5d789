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

{{- define "standalone.version" -}}
{{- .Values.k0s.version -}}
{{- end -}}

{{/* v1beta1 below a ClusterClass: by the v1beta2 contract Cluster API writes spec.machineTemplate.spec.infrastructureRef, which K0sControlPlane lacks. */}}
{{- define "standalone.controlPlaneVersion" -}}
{{- ternary "v1beta1" (include "common.k0smotronVersion" .) (eq true .Values.clusterClass) -}}
{{- end -}}
