{{/* Name of the Cluster. kcm waits on deletion for an object that is named like the release. */}}
{{- define "nutanix-k0s.clusterName" -}}
{{- .Release.Name -}}
{{- end -}}

{{/* Name of the control plane. Arguments: root, mode. */}}
{{- define "nutanix-k0s.controlPlaneName" -}}
{{- .root.Release.Name }}-{{ .mode }}-cp
{{- end -}}

{{/* Start of the names of worker templates. Arguments: root, mode. */}}
{{- define "nutanix-k0s.workerName" -}}
{{- .root.Release.Name }}-{{ .mode }}-worker
{{- end -}}

{{/* Name of the ClusterClass. Arguments: root, mode. */}}
{{- define "nutanix-k0s.className" -}}
{{- .root.Release.Name }}-nutanix-k0s-{{ .mode }}
{{- end -}}

{{/* Name of a NutanixFailureDomain, which Machines refer to. Arguments: root, at (path of the value), name. */}}
{{- define "nutanix-k0s.failureDomainName" -}}
{{- if not (hasKey (default dict .root.Values.failureDomains) .name) -}}
{{- fail (printf "%s.failureDomains: %q is not a failure domain of the cluster; add it to failureDomains" .at .name) -}}
{{- end -}}
{{- .root.Release.Name }}-{{ .name }}
{{- end -}}

{{- define "nutanix-k0s.labels" -}}
cluster.x-k8s.io/cluster-name: {{ include "nutanix-k0s.clusterName" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* API version of Cluster API's core kinds: v1beta2 where it is served (Cluster API 1.11 and later). */}}
{{- define "nutanix-k0s.coreVersion" -}}
{{- if .Values.kcmLine -}}
{{- ternary "v1beta2" "v1beta1" (eq .Values.kcmLine "1.11") -}}
{{- else -}}
{{- ternary "v1beta2" "v1beta1" (.Capabilities.APIVersions.Has "cluster.x-k8s.io/v1beta2") -}}
{{- end -}}
{{- end -}}

{{/* API version of the k0smotron kinds: v1beta2 from k0smotron 2.0 on. */}}
{{- define "nutanix-k0s.k0smotronVersion" -}}
{{- if .Values.kcmLine -}}
{{- ternary "v1beta2" "v1beta1" (eq .Values.kcmLine "1.11") -}}
{{- else -}}
{{- ternary "v1beta2" "v1beta1" (.Capabilities.APIVersions.Has "controlplane.cluster.x-k8s.io/v1beta2") -}}
{{- end -}}
{{- end -}}

{{/*
The control plane's kind, API version, version of k0s and machine template, as JSON. Arguments: root, mode.
A K0smotronControlPlane takes the version in the spelling of images. A K0sControlPlane stays at v1beta1 below a ClusterClass: by the
v1beta2 contract Cluster API writes spec.machineTemplate.spec.infrastructureRef, which the kind does not have.
*/}}
{{- define "nutanix-k0s.controlPlane" -}}
{{- $api := include "nutanix-k0s.k0smotronVersion" .root -}}
{{- $version := .root.Values.k0s.version -}}
{{- if eq .mode "hcp" -}}
{{- toJson (dict "kind" "K0smotronControlPlane" "api" $api "version" (replace "+" "-" $version) "machineTemplate" "") -}}
{{- else -}}
{{- $machines := dict "root" .root "at" "controlPlane" "own" (include "nutanix-k0s.controlPlaneMachines" .root | fromJson) -}}
{{- $template := printf "%s-mt-%s" (include "nutanix-k0s.controlPlaneName" .) (include "nutanix-k0s.machineHash" $machines) -}}
{{- toJson (dict "kind" "K0sControlPlane" "api" (ternary "v1beta1" $api (eq true .root.Values.clusterClass)) "version" $version "machineTemplate" $template) -}}
{{- end -}}
{{- end -}}

{{/* Reference from a Cluster API object to an object of another group. Arguments: root, group, version, kind, name. */}}
{{- define "nutanix-k0s.ref" -}}
{{- if eq (include "nutanix-k0s.coreVersion" .root) "v1beta2" -}}
apiGroup: {{ .group }}
{{- else -}}
apiVersion: {{ .group }}/{{ .version }}
{{- end }}
kind: {{ .kind }}
name: {{ .name }}
{{- end -}}
