{{/* ClusterConfig of k0s as JSON, with the load balancer of loadBalancing.type. */}}
{{- define "nutanix-k0s.standaloneConfig" -}}
{{- $lb := .Values.loadBalancing -}}
{{- $endpoint := .Values.nutanix.controlPlaneEndpoint -}}
{{- $config := include "nutanix-k0s.k0sBase" (dict "root" . "controlPlaneNodes" true) | fromJson -}}
{{- $api := default dict $config.spec.api -}}
{{- $_ := set $api "sans" (list $endpoint.host) -}}
{{- if ne $lb.type "external" -}}
{{- /* The controllers have the address themselves: they must listen on its port. */ -}}
{{- $_ := set $api "port" (int $endpoint.port) -}}
{{- /* Nodes reach the API through a balancer of their own; k0smotron then leaves api.externalAddress empty, as both balancers need. */ -}}
{{- $_ := set $config.spec.network "nodeLocalLoadBalancing" (dict "enabled" true "type" "EnvoyProxy") -}}
{{- end -}}
{{- $_ := set $config.spec "api" $api -}}
{{- if eq $lb.type "cplb" -}}
{{- if semverCompare "<1.30.0-0" (regexReplaceAll "\\+.*$" .Values.k0s.version "") -}}
{{- fail (printf "loadBalancing.type: \"cplb\" needs k0s 1.30 or later, and k0s.version is %s; use a newer k0s or kube-vip" .Values.k0s.version) -}}
{{- end -}}
{{- if not (regexMatch "^[0-9.]+$" $endpoint.host) -}}
{{- fail (printf "nutanix.controlPlaneEndpoint.host: %q is not an IPv4 address, which loadBalancing.type cplb needs; set the address or use type external" $endpoint.host) -}}
{{- end -}}
{{- $instance := dict
      "virtualIPs" (list (printf "%s/%d" $endpoint.host (int $lb.prefixLength)))
      "virtualRouterID" (int $lb.virtualRouterID)
      "authPass" $lb.authPass -}}
{{- $_ := set $config.spec.network "controlPlaneLoadBalancing" (dict "enabled" true "type" "Keepalived" "keepalived" (dict "vrrpInstances" (list $instance))) -}}
{{- else if eq $lb.type "kube-vip" -}}
{{- $values := dict
      "config" (dict "address" $endpoint.host)
      "env" (dict "cp_enable" "true" "svc_enable" "false" "lb_enable" "false" "vip_arp" "true" "vip_leaderelection" "true" "lb_port" (printf "%d" (int $endpoint.port)))
      "nodeSelector" (dict "node-role.kubernetes.io/control-plane" "true")
      "tolerations" (list
        (dict "key" "node-role.kubernetes.io/master" "operator" "Exists" "effect" "NoSchedule")
        (dict "key" "node-role.kubernetes.io/control-plane" "operator" "Exists" "effect" "NoSchedule")
        (dict "key" "node.cloudprovider.kubernetes.io/uninitialized" "operator" "Exists" "effect" "NoSchedule")) -}}
{{- $registry := (default dict .Values.global).registry -}}
{{- $helm := dig "extensions" "helm" (dict "repositories" list "charts" list) $config.spec -}}
{{- $chartName := "kube-vip/kube-vip" -}}
{{- if $registry -}}
{{- $chartName = printf "oci://%s/charts/kube-vip" $registry -}}
{{- $_ := set $values "image" (dict "repository" (printf "%s/kube-vip/kube-vip" $registry)) -}}
{{- else -}}
{{- $_ := set $helm "repositories" (prepend $helm.repositories (dict "name" "kube-vip" "url" .Values.kubeVip.repository "insecure" false)) -}}
{{- end -}}
{{- $chart := dict "name" "kube-vip" "chartname" $chartName "version" .Values.kubeVip.version "namespace" "kube-system" "order" 1 "values" (toYaml $values) -}}
{{- $_ := set $helm "charts" (prepend $helm.charts $chart) -}}
{{- $_ := set $config.spec "extensions" (dict "helm" $helm) -}}
{{- end -}}
{{- include "nutanix-k0s.k0sMerge" (dict "base" $config "config" .Values.k0s.config) -}}
{{- end -}}
