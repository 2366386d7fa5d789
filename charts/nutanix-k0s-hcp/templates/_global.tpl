{{/* This file is the same in nutanix-k0s-hcp and nutanix-k0s-standalone; a test holds the copies together. */}}

{{/* Where the nodes get k0s when kcm has a download server of its own; else nothing. */}}
{{- define "common.downloadURL" -}}
{{- with (default dict .Values.global).k0sURL -}}
{{- . }}/k0s-{{ $.Values.k0s.version }}-amd64
{{- end -}}
{{- end -}}

{{/* Files of every node as a JSON list: the certificates and the registry's login that kcm hands in. */}}
{{- define "common.nodeFiles" -}}
{{- $global := default dict .Values.global -}}
{{- $files := list -}}
{{- range $file, $secret := dict "kcm-registry.crt" $global.registryCertSecret "kcm-k0s-url.crt" $global.k0sURLCertSecret -}}
{{- if $secret -}}
{{- $from := dict "secretRef" (dict "name" $secret "key" "ca.crt") -}}
{{- $files = append $files (dict "path" (printf "/usr/local/share/ca-certificates/%s" $file) "permissions" "0644" "contentFrom" $from) -}}
{{- end -}}
{{- end -}}
{{- with $global.registryCredentialSecret -}}
{{- $from := dict "secretRef" (dict "name" . "key" "containerdAuth") -}}
{{- $files = append $files (dict "path" "/etc/k0s/containerd.d/registry-auth.toml" "permissions" "0600" "contentFrom" $from) -}}
{{- end -}}
{{- toJson $files -}}
{{- end -}}

{{/* Commands of every node before k0s, as a JSON list: systems of the Red Hat family keep certificates elsewhere. */}}
{{- define "common.nodeCommands" -}}
{{- $global := default dict .Values.global -}}
{{- $commands := list -}}
{{- if or $global.registryCertSecret $global.k0sURLCertSecret -}}
{{- $commands = append $commands "if [ -d /etc/pki/ca-trust/source/anchors ]; then cp /usr/local/share/ca-certificates/kcm-*.crt /etc/pki/ca-trust/source/anchors/ && update-ca-trust extract; else update-ca-certificates; fi" -}}
{{- end -}}
{{- toJson $commands -}}
{{- end -}}
