{{/* The ClusterConfig of both modes, as JSON, before the user's k0s.config is merged over it. Arguments: root, controlPlaneNodes. */}}
{{- define "nutanix-k0s.k0sBase" -}}
{{- $spec := dict "network" (dict "provider" "calico" "calico" (dict "mode" "vxlan")) -}}
{{- with (default dict .root.Values.global).registry -}}
{{- $_ := set $spec "images" (dict "repository" .) -}}
{{- end -}}
{{- if (default dict .root.Values.encryptionAtRest).secretName -}}
{{- $_ := set $spec "api" (dict "extraArgs" (dict "encryption-provider-config" (include "nutanix-k0s.encryptionFile" .root))) -}}
{{- end -}}
{{- $addons := include "nutanix-k0s.addons" . | fromJson -}}
{{- if $addons.charts -}}
{{- $_ := set $spec "extensions" (dict "helm" $addons) -}}
{{- end -}}
{{- toJson (dict "apiVersion" "k0s.k0sproject.io/v1beta1" "kind" "ClusterConfig" "metadata" (dict "name" "k0s") "spec" $spec) -}}
{{- end -}}

{{/* k0s.config merged over a base, as JSON; Helm extensions are joined, not replaced. Arguments: base, config. */}}
{{- define "nutanix-k0s.k0sMerge" -}}
{{- $config := deepCopy (default dict .config) -}}
{{- $merged := mergeOverwrite (deepCopy .base) $config -}}
{{- $repositories := concat (dig "spec" "extensions" "helm" "repositories" list .base) (dig "spec" "extensions" "helm" "repositories" list $config) -}}
{{- $charts := concat (dig "spec" "extensions" "helm" "charts" list .base) (dig "spec" "extensions" "helm" "charts" list $config) -}}
{{- range $repository := $repositories -}}
{{- /* k0s itself skips the check of certificates unless a repository sets this. */ -}}
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
{{- fail "k0s.config.spec.api.externalAddress: conflicts with spec.network.nodeLocalLoadBalancing, and k0s rejects the two together; remove it" -}}
{{- end -}}
{{- toJson $merged -}}
{{- end -}}

{{- define "nutanix-k0s.encryptionFile" -}}
/var/lib/k0s/encryption/encryption-config.yaml
{{- end -}}
