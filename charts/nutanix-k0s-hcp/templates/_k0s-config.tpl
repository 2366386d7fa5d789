{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* What both modes ask of k0s, as JSON, before the user's k0s.config is merged over it. Arguments: root, controlPlaneNodes. */}}
{{- define "common.k0sBase" -}}
{{- $spec := dict "network" (dict "provider" "calico" "calico" (dict "mode" "vxlan")) -}}
{{- with (default dict .root.Values.global).registry -}}
{{- $_ := set $spec "images" (dict "repository" .) -}}
{{- end -}}
{{- if (default dict .root.Values.encryptionAtRest).secretName -}}
{{- $_ := set $spec "api" (dict "extraArgs" (dict "encryption-provider-config" (include "common.encryptionFile" .root))) -}}
{{- end -}}
{{- $addons := include "common.addons" . | fromJson -}}
{{- if $addons.charts -}}
{{- $_ := set $spec "extensions" (dict "helm" $addons) -}}
{{- end -}}
{{- toJson (dict "apiVersion" "k0s.k0sproject.io/v1beta1" "kind" "ClusterConfig" "metadata" (dict "name" "k0s") "spec" $spec) -}}
{{- end -}}

{{/* k0s.config merged over a base, as JSON; Helm extensions are joined, not replaced. Arguments: base, config. */}}
{{- define "common.k0sMerge" -}}
{{- $config := deepCopy (default dict .config) -}}
{{- $merged := mergeOverwrite (deepCopy .base) $config -}}
{{- $repositories := concat (dig "spec" "extensions" "helm" "repositories" list .base) (dig "spec" "extensions" "helm" "repositories" list $config) -}}
{{- $charts := concat (dig "spec" "extensions" "helm" "charts" list .base) (dig "spec" "extensions" "helm" "charts" list $config) -}}
{{- range $repository := $repositories -}}
{{- /* k0s itself checks no certificate of a repository that does not say so. */ -}}
{{- if not (hasKey $repository "insecure") -}}{{- $_ := set $repository "insecure" false -}}{{- end -}}
{{- end -}}
{{- range $key, $joined := dict "repositories" $repositories "charts" $charts -}}
{{- if $joined -}}
{{- $_ := set $merged.spec.extensions.helm $key $joined -}}
{{- else if dig "extensions" "helm" dict $merged.spec -}}
{{- $_ := unset $merged.spec.extensions.helm $key -}}
{{- end -}}
{{- end -}}
{{- if and (ne $merged.spec.network.provider "calico") (not (dig "spec" "network" "calico" dict $config)) -}}
{{- $_ := unset $merged.spec.network "calico" -}}
{{- end -}}
{{- if and (dig "nodeLocalLoadBalancing" "enabled" false $merged.spec.network) (dig "api" "externalAddress" "" $merged.spec) -}}
{{- fail "k0s.config.spec.api.externalAddress: cannot stand beside spec.network.nodeLocalLoadBalancing because k0s refuses the two together; leave it out" -}}
{{- end -}}
{{- toJson $merged -}}
{{- end -}}

{{- define "common.encryptionFile" -}}
/var/lib/k0s/encryption/encryption-config.yaml
{{- end -}}
