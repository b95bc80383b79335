{{- define "portcullis.name" -}}
{{ ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "portcullis.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "portcullis.labels" -}}
{{ include "portcullis.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "portcullis.meta" -}}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "portcullis.labels" . | nindent 2 }}
{{- end }}

{{- define "portcullis.image" -}}
{{- $tag := .Values.image.tag | default (printf "%s%s" .Chart.AppVersion (ternary "-cuda" "" .Values.gpu.enabled)) -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ $tag }}{{ end }}
{{- end }}

{{- define "portcullis.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "portcullis.name" .) }}
{{- end }}

{{- /* The configuration file: what the user said, and over it what the chart sets itself. */ -}}
{{- define "portcullis.config" -}}
{{- $server := dict "listen" "0.0.0.0:50051" "metrics_listen" "0.0.0.0:9090" "drain_timeout" (printf "%ds" (int .Values.drainSeconds)) -}}
{{- $chart := dict "models" .Values.models.names "models_dir" "/models" "server" $server -}}
{{- if .Values.tls.secretName }}{{ $_ := set $chart "auth" (dict "tls" (dict "certificate" "/etc/portcullis/tls/tls.crt" "key" "/etc/portcullis/tls/tls.key")) }}{{ end -}}
{{- if .Values.gpu.enabled }}{{ $_ := set $chart "onnxruntime" (dict "provider" .Values.gpu.provider) }}{{ end -}}
{{- if .Values.policies.configMap }}{{ $_ := set $chart "policies" "/etc/portcullis/policies" }}{{ end -}}
{{- if .Values.rules.configMap }}{{ $_ := set $chart "rules" "/etc/portcullis/rules" }}{{ end -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $chart) }}
{{- end }}

{{- define "portcullis.hardened" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- /* Kubelet's own gRPC probe, or, where that cannot speak TLS, the second port. */ -}}
{{- define "portcullis.ready" -}}
{{- if .Values.tls.secretName -}}
httpGet: {path: /readyz, port: metrics}
{{- else -}}
grpc: {port: 50051}
{{- end -}}
{{- end }}

{{- define "portcullis.pod" -}}
{{ printf "%s-[0-9a-z]+-[0-9a-z]+" (include "portcullis.name" .) }}
{{- end }}

{{- /* Where the folders of models come from; empty: only the bundled one is there. */ -}}
{{- define "portcullis.models" -}}
{{- with .Values.models.volume -}}
{{- if .claimName -}}
persistentVolumeClaim: {claimName: {{ .claimName }}, readOnly: true}
{{- else if .image -}}
image: {reference: {{ .image | quote }}, pullPolicy: IfNotPresent}
{{- else if .pull -}}
emptyDir: {}
{{- end -}}
{{- end -}}
{{- end }}
