{{/* URL of k0s where kcm has a download server of its own; else empty. */}}
{{- define "nutanix-k0s.downloadURL" -}}
{{- with (default dict .Values.global).k0sURL -}}
{{- . }}/k0s-{{ $.Values.k0s.version }}-amd64
{{- end -}}
{{- end -}}

{{/* NO_PROXY: the cluster's own networks and names, its endpoint, Prism Central, and what the user adds. */}}
{{- define "nutanix-k0s.noProxy" -}}
{{- $own := list "localhost" "127.0.0.1" ".svc" (printf ".%s" .Values.clusterNetwork.serviceDomain) -}}
{{- $own = concat $own .Values.clusterNetwork.pods.cidrBlocks .Values.clusterNetwork.services.cidrBlocks (list .Values.nutanix.controlPlaneEndpoint.host) -}}
{{- with .Values.nutanix.prismCentral.address -}}{{- $own = append $own . -}}{{- end -}}
{{- concat $own (default list (default dict .Values.proxy).noProxy) | uniq | join "," -}}
{{- end -}}

{{/* The proxy's environment as a JSON list of NAME=value; empty without a proxy. */}}
{{- define "nutanix-k0s.proxyEnvironment" -}}
{{- $proxy := default dict .Values.proxy -}}
{{- $environment := list -}}
{{- range $name, $value := dict "HTTP_PROXY" $proxy.http "HTTPS_PROXY" $proxy.https -}}
{{- with $value -}}{{- $environment = append $environment (printf "%s=%s" $name .) -}}{{- end -}}
{{- end -}}
{{- if $environment -}}{{- $environment = append $environment (printf "NO_PROXY=%s" (include "nutanix-k0s.noProxy" $)) -}}{{- end -}}
{{- toJson $environment -}}
{{- end -}}

{{/* Files of every node as a JSON list: certificates and registry credentials of kcm, the proxy of k0s and containerd, SSH keys. Arguments: root, service (the unit of k0s). */}}
{{- define "nutanix-k0s.nodeFiles" -}}
{{- $global := default dict .root.Values.global -}}
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
{{- with include "nutanix-k0s.proxyEnvironment" .root | fromJsonArray -}}
{{- $lines := list "[Service]" -}}
{{- range . -}}{{- $lines = append $lines (printf "Environment=\"%s\"" .) -}}{{- end -}}
{{- $path := printf "/etc/systemd/system/%s.service.d/proxy.conf" $.service -}}
{{- $files = append $files (dict "path" $path "permissions" "0644" "content" (printf "%s\n" (join "\n" $lines))) -}}
{{- end -}}
{{- with (default dict .root.Values.ssh).user -}}
{{- $keys := join "\n" $.root.Values.ssh.publicKeys -}}
{{- $files = append $files (dict "path" "/etc/k0rdent-nutanix/authorized_keys" "permissions" "0644" "content" (printf "%s\n" $keys)) -}}
{{- $files = append $files (dict "path" "/etc/sudoers.d/90-k0rdent-nutanix" "permissions" "0440" "content" (printf "%s ALL=(ALL) NOPASSWD:ALL\n" .)) -}}
{{- end -}}
{{- toJson $files -}}
{{- end -}}

{{/* Commands of every node before k0s, as a JSON list; they are lines of one script, in which k0s is downloaded after them. */}}
{{- define "nutanix-k0s.nodeCommands" -}}
{{- $global := default dict .Values.global -}}
{{- $commands := list -}}
{{- with include "nutanix-k0s.proxyEnvironment" . | fromJsonArray -}}
{{- $exports := list -}}
{{- range . -}}
{{- $name := splitList "=" . | first -}}
{{- $exports = concat $exports (list (printf "'%s'" .) (printf "'%s%s'" (lower $name) (trimPrefix $name .))) -}}
{{- end -}}
{{- $commands = append $commands (printf "export %s" (join " " $exports)) -}}
{{- end -}}
{{- if or $global.registryCertSecret $global.k0sURLCertSecret -}}
{{- /* Systems of the Red Hat family keep certificates elsewhere. */ -}}
{{- $commands = append $commands "if [ -d /etc/pki/ca-trust/source/anchors ]; then cp /usr/local/share/ca-certificates/kcm-*.crt /etc/pki/ca-trust/source/anchors/ && update-ca-trust extract; else update-ca-certificates; fi" -}}
{{- end -}}
{{- with (default dict .Values.ssh).user -}}
{{- $commands = append $commands (printf "id -u %s >/dev/null 2>&1 || useradd --create-home --shell /bin/bash %s" . .) -}}
{{- $commands = append $commands (printf "home=$(getent passwd %s | cut -d: -f6) && install -d -m 0700 -o %s \"$home/.ssh\" && install -m 0600 -o %s /etc/k0rdent-nutanix/authorized_keys \"$home/.ssh/authorized_keys\" && { ! command -v restorecon >/dev/null || restorecon -R \"$home/.ssh\"; }" . . .) -}}
{{- end -}}
{{- toJson $commands -}}
{{- end -}}
