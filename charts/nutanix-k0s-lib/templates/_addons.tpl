{{/* "true" where Nutanix's cloud controller manager is installed: the nodes then wait for it. */}}
{{- define "nutanix-k0s.hasCcm" -}}
{{- if (default dict (default dict .Values.addons).ccm).enabled -}}true{{- end -}}
{{- end -}}

{{/* Arguments of k0s where it runs a kubelet, as a JSON list. Empty without a cloud controller manager, or the nodes would stay tainted. */}}
{{- define "nutanix-k0s.cloudArgs" -}}
{{- $args := list -}}
{{- if include "nutanix-k0s.hasCcm" . -}}
{{- $args = list "--enable-cloud-provider" "--kubelet-extra-args=--cloud-provider=external" -}}
{{- end -}}
{{- toJson $args -}}
{{- end -}}

{{/* spec.extensions.helm of k0s for the addons, as JSON. Arguments: root, controlPlaneNodes (whether control planes are nodes). */}}
{{- define "nutanix-k0s.addons" -}}
{{- $repositories := list -}}
{{- $charts := list -}}
{{- $registry := (default dict .root.Values.global).registry -}}
{{- range $name, $chart := dict "ccm" "nutanix-cloud-provider" "csi" "nutanix-csi-storage" -}}
{{- $addon := default dict (index (default dict $.root.Values.addons) $name) -}}
{{- if and $addon.enabled (ne (toString $addon.via) "service") -}}
{{- $values := include (printf "nutanix-k0s.%sValues" $name) (dict "root" $.root "addon" $addon "controlPlaneNodes" $.controlPlaneNodes) | fromJson -}}
{{- $source := ternary (printf "oci://%s/charts" $registry) $addon.repository (not (empty $registry)) -}}
{{- $chartName := printf "nutanix-%s/%s" $name $chart -}}
{{- if hasPrefix "oci://" $source -}}
{{- $chartName = printf "%s/%s" (trimSuffix "/" $source) $chart -}}
{{- else -}}
{{- $repositories = append $repositories (dict "name" (printf "nutanix-%s" $name) "url" $source "insecure" false) -}}
{{- end -}}
{{- $namespace := ternary "kube-system" "ntnx-system" (eq $name "ccm") -}}
{{- $charts = append $charts (dict "name" (printf "nutanix-%s" $name) "chartname" $chartName "version" $addon.version "namespace" $namespace "order" (ternary 2 3 (eq $name "ccm")) "values" (toYaml $values)) -}}
{{- end -}}
{{- end -}}
{{- toJson (dict "repositories" $repositories "charts" $charts) -}}
{{- end -}}

{{/* Values of the cloud controller manager's chart. Its credentials are the Secret that kcm copies into the cluster. */}}
{{- define "nutanix-k0s.ccmValues" -}}
{{- $pc := .root.Values.nutanix.prismCentral -}}
{{- if not $pc.address -}}
{{- fail "nutanix.prismCentral.address: is missing, and addons.ccm connects to it; set it" -}}
{{- end -}}
{{- $ignored := default list .addon.ignoredNodeIPs -}}
{{- $host := .root.Values.nutanix.controlPlaneEndpoint.host -}}
{{- /* Without this the endpoint, which one of the machines has, would become that node's address. */ -}}
{{- if regexMatch "^[0-9.]+$" $host -}}{{- $ignored = prepend $ignored $host -}}{{- end -}}
{{- $values := dict
      "createSecret" false
      "secretName" "nutanix-creds"
      "prismCentralEndPoint" $pc.address
      "prismCentralPort" (int $pc.port)
      "prismCentralInsecure" $pc.insecure
      "ignoredNodeIPs" $ignored -}}
{{- with .addon.trustBundle -}}{{- $_ := set $values "prismCentralAdditionalTrustBundle" (b64enc .) -}}{{- end -}}
{{- with (default dict .root.Values.global).registry -}}
{{- $_ := set $values "image" (dict "repository" (printf "%s/nutanix-cloud-native/cloud-provider-nutanix/controller" .)) -}}
{{- end -}}
{{- /* k0s labels its control plane nodes "true", and the chart selects an empty value; a hosted control plane has no nodes. */ -}}
{{- $_ := set $values "nodeSelector" (ternary (dict "node-role.kubernetes.io/control-plane" "true") nil .controlPlaneNodes) -}}
{{- toJson $values -}}
{{- end -}}

{{/* Values of the CSI driver's chart, from 3.0 on. */}}
{{- define "nutanix-k0s.csiValues" -}}
{{- toJson (dict
      "createPrismCentralSecret" false
      "createSecret" false
      "createVolumeSnapshotClass" false
      "pcSecretName" "nutanix-csi-credentials"
      "kubeletDir" "/var/lib/k0s/kubelet") -}}
{{- end -}}

{{/* A ConfigMap with the Helm values of each addon that kcm installs as a service. Arguments: root, controlPlaneNodes. */}}
{{- define "nutanix-k0s.addonValues" -}}
{{- range $name := list "ccm" "csi" -}}
{{- $addon := default dict (index (default dict $.root.Values.addons) $name) -}}
{{- if and $addon.enabled (eq (toString $addon.via) "service") }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ printf "%s-%s-values" $.root.Release.Name $name }}
  namespace: {{ $.root.Release.Namespace }}
data:
  values.yaml: |
    {{- include (printf "nutanix-k0s.%sValues" $name) (dict "root" $.root "addon" $addon "controlPlaneNodes" $.controlPlaneNodes) | fromJson | toYaml | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}
