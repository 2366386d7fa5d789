{{/* Line of kcm: kcmLine, else by the fields of the cluster's ProviderInterface CRD, else 1.2. */}}
{{- define "cluster-api-provider-nutanix.line" -}}
{{- if .Values.kcmLine -}}
{{- .Values.kcmLine -}}
{{- else -}}
{{- $line := "1.2" -}}
{{- range $version := dig "spec" "versions" list (lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "providerinterfaces.k0rdent.mirantis.com" | default dict) -}}
{{- if eq $version.name "v1beta1" -}}
{{- $fields := dig "schema" "openAPIV3Schema" "properties" "spec" "properties" dict $version -}}
{{- if hasKey $fields "clusterIdentities" -}}
{{- $line = ternary "1.5" "1.11" (hasKey $fields "clusterGVKs") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $line -}}
{{- end -}}
{{- end -}}

{{- define "cluster-api-provider-nutanix.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/*
spec.deployment.containers as a JSON list: the image of a mirror, and the environment that makes CAPX trust trustBundles. Go reads the
files of SSL_CERT_DIR beside its own list of files, once: the digest restarts CAPX for other certificates. What deployment sets wins.
*/}}
{{- define "cluster-api-provider-nutanix.containers" -}}
{{- $manager := dict "name" "manager" -}}
{{- with (default dict .Values.global).registry -}}
{{- $_ := set $manager "imageUrl" (printf "%s/capi/cluster-api-provider-nutanix-controller:%s" . $.Values.version) -}}
{{- end -}}
{{- $environment := list -}}
{{- with .Values.trustBundles -}}
{{- $environment = list
      (dict "name" "SSL_CERT_DIR" "value" "/etc/ssl/certs:/etc/pki/tls/certs:/etc/nutanix/config")
      (dict "name" "TRUST_BUNDLES_SHA256" "value" (toJson . | sha256sum)) -}}
{{- end -}}
{{- $containers := list -}}
{{- range (default dict .Values.deployment).containers -}}
{{- if eq .name "manager" -}}
{{- $manager = mergeOverwrite $manager . -}}
{{- $environment = concat $environment (default list .env) -}}
{{- else -}}
{{- $containers = append $containers . -}}
{{- end -}}
{{- end -}}
{{- if $environment -}}{{- $_ := set $manager "env" $environment -}}{{- end -}}
{{- if gt (len $manager) 1 -}}{{- $containers = prepend $containers $manager -}}{{- end -}}
{{- toJson $containers -}}
{{- end -}}
