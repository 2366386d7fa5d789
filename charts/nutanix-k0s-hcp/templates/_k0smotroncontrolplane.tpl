{{/* Spec of the K0smotronControlPlane. In a template Cluster API's topology controller sets replicas and version. */}}
{{- define "nutanix-k0s.k0smotronControlPlaneSpec" -}}
{{- $version := include "nutanix-k0s.k0smotronVersion" . }}
{{- $endpoint := .Values.nutanix.controlPlaneEndpoint }}
{{- $service := .Values.k0smotron.service }}
{{- $registry := (default dict .Values.global).registry }}
{{- $mounts := list }}
{{- with (default dict .Values.encryptionAtRest).secretName }}
{{- /* 0440: the files are root's, and k0s runs the API server as its own user in the group root. */}}
{{- $items := list (dict "key" "encryption-config.yaml" "path" "encryption-config.yaml") }}
{{- $mounts = append $mounts (dict "path" (dir (include "nutanix-k0s.encryptionFile" $)) "secret" (dict "secretName" . "defaultMode" 288 "items" $items)) }}
{{- end }}
{{- with (default dict .Values.global).registryCertSecret }}
{{- $items := list (dict "key" "ca.crt" "path" "ca.crt") }}
{{- $mounts = append $mounts (dict "path" "/usr/local/share/ca-certificates/registry" "secret" (dict "secretName" . "defaultMode" 420 "items" $items)) }}
{{- end }}
{{- $annotations := default dict $service.annotations }}
{{- /* Load balancers take a requested address, not a name. */}}
{{- if and $service.pinAddress (regexMatch "^[0-9.]+$" $endpoint.host) }}
{{- $pinned := dict }}
{{- range $key := list "metallb.universe.tf/loadBalancerIPs" "metallb.io/loadBalancerIPs" "kube-vip.io/loadbalancerIPs" "lbipam.cilium.io/ips" }}
{{- $_ := set $pinned $key $endpoint.host }}
{{- end }}
{{- $annotations = merge (deepCopy $annotations) $pinned }}
{{- end }}
{{- if not .Values.clusterClass }}
replicas: {{ int .Values.controlPlaneNumber }}
version: {{ .Values.k0s.version | replace "+" "-" }}
{{- end }}
externalAddress: {{ $endpoint.host | quote }}
service:
  type: LoadBalancer
  apiPort: {{ int $endpoint.port }}
  konnectivityPort: {{ int $service.konnectivityPort }}
  {{- if eq $version "v1beta1" }}
  {{- with $annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $service.loadBalancerClass }}
  loadBalancerClass: {{ . | quote }}
  {{- end }}
  {{- end }}
{{- if eq $version "v1beta2" }}
{{- $patch := dict }}
{{- if $annotations }}{{- $_ := set $patch "metadata" (dict "annotations" $annotations) }}{{- end }}
{{- with $service.loadBalancerClass }}{{- $_ := set $patch "spec" (dict "loadBalancerClass" .) }}{{- end }}
{{- if $patch }}
patches:
  - target: {kind: Service, component: control-plane}
    patch:
      type: merge
      content: {{ toJson $patch | quote }}
{{- end }}
{{- end }}
{{- $etcd := dict "autoDeletePVCs" .Values.etcd.autoDeletePVCs }}
{{- with $registry }}
{{- $_ := set $etcd "image" (printf "%s/k0sproject/etcd:v3.5.13" .) }}
image: {{ . }}/k0sproject/k0s
{{- end }}
{{ toYaml (ternary (dict "storage" (dict "etcd" $etcd)) (dict "etcd" $etcd) (eq $version "v1beta2")) }}
{{- if include "nutanix-k0s.hasCcm" . }}
{{ ternary "controlPlaneFlags" "controllerPlaneFlags" (eq $version "v1beta2") }}: [--enable-cloud-provider=true]
{{- end }}
{{- with $mounts }}
mounts: {{- toYaml . | nindent 2 }}
{{- end }}
k0sConfig: {{- include "nutanix-k0s.k0sMerge" (dict "base" (include "nutanix-k0s.k0sBase" (dict "root" . "controlPlaneNodes" false) | fromJson) "config" .Values.k0s.config) | fromJson | toYaml | nindent 2 }}
{{- end -}}
