{{/* The name of all objects of the release's namespace. A release's name may have dots in it, a Service's not. */}}
{{- define "taskqueue.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | replace "." "-" | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | replace "." "-" | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of the Service for metrics. A release may begin with a digit, a Service not. */}}
{{- define "taskqueue.metricsName" -}}
{{- $name := include "taskqueue.fullname" . -}}
{{- if regexMatch "^[0-9]" $name -}}metrics-{{ $name }}{{- else -}}{{ $name }}-metrics{{- end -}}
{{- end -}}

{{/* The name of the Service for the console. */}}
{{- define "taskqueue.consoleName" -}}
{{- $name := include "taskqueue.fullname" . -}}
{{- if regexMatch "^[0-9]" $name -}}console-{{ $name }}{{- else -}}{{ $name }}-console{{- end -}}
{{- end -}}

{{/* The name of objects of the whole cluster: several releases may serve namespaces of their own, but only one may serve all. */}}
{{- define "taskqueue.clusterName" -}}
{{- include "taskqueue.fullname" . -}}
{{- if .Values.watchNamespaces -}}.{{ .Release.Namespace }}{{- end -}}
{{- end -}}

{{/* The value of a label: a version may have build metadata after a plus sign, which no label may have. */}}
{{- define "taskqueue.labelValue" -}}
{{- regexReplaceAll "[^A-Za-z0-9._-]" . "_" | trunc 63 | trimAll "-_." -}}
{{- end -}}

{{- define "taskqueue.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "taskqueue.ownLabels" -}}
{{ include "taskqueue.selectorLabels" . }}
app.kubernetes.io/version: {{ include "taskqueue.labelValue" .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ include "taskqueue.labelValue" (printf "%s-%s" .Chart.Name .Chart.Version) | quote }}
{{- end -}}

{{/* The labels of every object: those of the user, and ours, which win. */}}
{{- define "taskqueue.labels" -}}
{{- toYaml (mustMergeOverwrite (deepCopy .Values.commonLabels) (include "taskqueue.ownLabels" . | fromYaml)) -}}
{{- end -}}

{{/* The same with further labels of the user; called with a dict of root and more. */}}
{{- define "taskqueue.labelsWith" -}}
{{- toYaml (mustMergeOverwrite (deepCopy .more) (include "taskqueue.labels" .root | fromYaml)) -}}
{{- end -}}

{{- define "taskqueue.serviceAccountName" -}}
{{- if .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name -}}
{{- else -}}
{{- ternary (include "taskqueue.fullname" .) "default" .Values.serviceAccount.create -}}
{{- end -}}
{{- end -}}

{{/* The operator as the API server calls it. */}}
{{- define "taskqueue.username" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "taskqueue.serviceAccountName" . }}
{{- end -}}

{{- define "taskqueue.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default .Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{/* The name of the gateway's objects. A release may begin with a digit, a Service not. */}}
{{- define "taskqueue.gatewayName" -}}
{{- $name := include "taskqueue.fullname" . -}}
{{- if regexMatch "^[0-9]" $name -}}gateway-{{ $name }}{{- else -}}{{ $name }}-gateway{{- end -}}
{{- end -}}

{{/* The name of its objects of the whole cluster. */}}
{{- define "taskqueue.gatewayClusterName" -}}
{{- include "taskqueue.gatewayName" . }}.{{ .Release.Namespace }}
{{- end -}}

{{- define "taskqueue.gatewayImage" -}}
{{- $image := .Values.gateway.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default .Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{/* Other labels than those of the operators, whose Services, budgets and policies must not mean the gateways. */}}
{{- define "taskqueue.gatewaySelectorLabels" -}}
app.kubernetes.io/name: {{ printf "%s-gateway" (default .Chart.Name .Values.nameOverride | trunc 55) | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "taskqueue.gatewayLabels" -}}
{{- toYaml (mustMergeOverwrite (include "taskqueue.labels" . | fromYaml) (include "taskqueue.gatewaySelectorLabels" . | fromYaml)) -}}
{{- end -}}

{{/* The same with further labels of the user; called with a dict of root and more. */}}
{{- define "taskqueue.gatewayLabelsWith" -}}
{{- toYaml (mustMergeOverwrite (deepCopy .more) (include "taskqueue.gatewayLabels" .root | fromYaml)) -}}
{{- end -}}

{{/* How the Prometheus operator fetches metrics; called with the values of a monitor. */}}
{{- define "taskqueue.scrape" -}}
port: http
path: /metrics
interval: {{ .interval | quote }}
# The series' own label namespace is the queue's.
honorLabels: true
{{- with .relabelings }}
relabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Values of the gateway that would be accepted and then not work. */}}
{{- define "taskqueue.checkGateway" -}}
{{- $gateway := .Values.gateway -}}
{{- if not (or $gateway.tls.secretName $gateway.tls.certManager.issuerRef) -}}
{{- fail "gateway.tls needs secretName or certManager.issuerRef: tokens of producers never travel in plaintext" -}}
{{- end -}}
{{- $seen := list -}}
{{- range $gateway.producers -}}
{{- if has .namespace (list "kube-system" $.Release.Namespace) -}}
{{- fail (printf "gateway.producers names namespace %s, whose accounts the gateway must not act as; move the producers to a namespace of their own" .namespace) -}}
{{- end -}}
{{- if has .namespace $seen -}}
{{- fail (printf "gateway.producers names namespace %s twice; put its accounts into one entry" .namespace) -}}
{{- end -}}
{{- $seen = append $seen .namespace -}}
{{- end -}}
{{- end -}}

{{/* What the operator may do with its own kinds and with what it finds targets by. */}}
{{- define "taskqueue.rules" -}}
- apiGroups: [taskqueue.dev]
  resources: [taskqueues]
  verbs: [list, watch]
- apiGroups: [taskqueue.dev]
  resources: [tasks, taskbatches]
  # create: dead letters, and the Task of onFinished. patch: the annotation taskqueue.dev/completed.
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [taskqueue.dev]
  resources: [taskqueues/status, tasks/status, taskbatches/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [services]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
{{- if .Values.events.enabled }}
- apiGroups: [events.k8s.io]
  resources: [events]
  # patch: the same has happened again.
  verbs: [create, patch]
{{- end }}
{{- if eq .Values.serviceAccountTokens.mode "All" }}
- apiGroups: [""]
  resources: [serviceaccounts/token]
  verbs: [create]
{{- end }}
{{- if eq .Values.secretAccess.mode "All" }}
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [get]
{{- end }}
{{- end -}}

{{/* Binds the operator to the Role of a name in a namespace; called with a dict of root, namespace and name. */}}
{{- define "taskqueue.roleBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name | quote }}
  namespace: {{ .namespace | quote }}
  labels:
    {{- include "taskqueue.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name | quote }}
subjects:
  - kind: ServiceAccount
    name: {{ include "taskqueue.serviceAccountName" .root | quote }}
    namespace: {{ .root.Release.Namespace | quote }}
{{- end -}}

{{/* Binds the gateway to the Role of a name in a namespace; called with a dict of root, namespace and name. */}}
{{- define "taskqueue.gatewayRoleBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name | quote }}
  namespace: {{ .namespace | quote }}
  labels:
    {{- include "taskqueue.gatewayLabels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name | quote }}
subjects:
  - kind: ServiceAccount
    name: {{ include "taskqueue.gatewayName" .root | quote }}
    namespace: {{ .root.Release.Namespace | quote }}
{{- end -}}

{{/* A duration such as 1h30m, in milliseconds. */}}
{{- define "taskqueue.millis" -}}
{{- $sum := 0 -}}
{{- range regexFindAll "[0-9]+(ms|h|m|s)" . -1 -}}
{{- $unit := get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000) (regexFind "[a-z]+" .) -}}
{{- $sum = add $sum (mul $unit (regexFind "[0-9]+" . | atoi)) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}

{{/* Values that would be accepted and then not work. */}}
{{- define "taskqueue.check" -}}
{{- range $name, $bounds := dict "leaseDuration" (list "5s" "5m") "maxScheduleAhead" (list "1s" "8760h") "maxDispatchDeadline" (list "1s" "24h") -}}
{{- $value := get $.Values.settings $name -}}
{{- $millis := include "taskqueue.millis" $value | int64 -}}
{{- if or (lt $millis (include "taskqueue.millis" (first $bounds) | int64)) (gt $millis (include "taskqueue.millis" (last $bounds) | int64)) -}}
{{- fail (printf "settings.%s is %s; allowed is %s to %s" $name $value (first $bounds) (last $bounds)) -}}
{{- end -}}
{{- end -}}
{{- $watched := .Values.watchNamespaces -}}
{{- range $key := list "serviceAccountTokens" "secretAccess" -}}
{{- $access := get $.Values $key -}}
{{- if and (eq $access.mode "All") $access.allowed -}}
{{- fail (printf "%s.allowed has no effect with %s.mode All; remove one of the two" $key $key) -}}
{{- end -}}
{{- $seen := list -}}
{{- range $access.allowed -}}
{{- if and $watched (not (has .namespace $watched)) -}}
{{- fail (printf "%s.allowed names namespace %s, which watchNamespaces does not; add it there or remove it here" $key .namespace) -}}
{{- end -}}
{{- if has .namespace $seen -}}
{{- fail (printf "%s.allowed names namespace %s twice; put its names into one entry" $key .namespace) -}}
{{- end -}}
{{- $seen = append $seen .namespace -}}
{{- end -}}
{{- end -}}
{{- $policies := .Values.admissionPolicies -}}
{{- range .Values.serviceAccountTokens.allowed -}}
{{- if and $policies.enabled $policies.tokenGuard.enabled (has .namespace (list "kube-system" $.Release.Namespace)) -}}
{{- fail (printf "serviceAccountTokens.allowed names namespace %s, where admissionPolicies.tokenGuard refuses every token; move what sends Tasks to a namespace of its own" .namespace) -}}
{{- end -}}
{{- if and (eq .namespace $.Release.Namespace) (has (include "taskqueue.serviceAccountName" $) .names) -}}
{{- fail "serviceAccountTokens.allowed names the operator's own ServiceAccount; Tasks must not be sent in its name" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The namespaces that a release serves, for other releases; empty = all, a dot = its own. */}}
{{- define "taskqueue.serves" -}}
{{- $names := join "," .Values.watchNamespaces -}}
{{- ternary "." $names (eq $names .Release.Namespace) -}}
{{- end -}}

{{/*
Fails if another release of this chart serves one of the same namespaces: each Task would be sent twice. Helm sees Deployments only if it talks to a
cluster, so helm template finds none. Whoever installs only objects of some namespaces may have no right to list Deployments elsewhere.
*/}}
{{- define "taskqueue.checkOthers" -}}
{{- $own := .Values.watchNamespaces -}}
{{- $hasClusterObjects := or (not $own) .Values.crds.enabled .Values.userRoles.create .Values.admissionPolicies.enabled -}}
{{- range (lookup "apps/v1" "Deployment" (ternary "" .Release.Namespace $hasClusterObjects) "").items -}}
{{- $annotations := default dict .metadata.annotations -}}
{{- $labels := default dict .metadata.labels -}}
{{- $isOwn := and (eq .metadata.namespace $.Release.Namespace) (eq (get $labels "app.kubernetes.io/instance") $.Release.Name) -}}
{{- if and (hasKey $annotations "taskqueue.dev/serves") (not $isOwn) -}}
{{- $theirs := compact (splitList "," (get $annotations "taskqueue.dev/serves" | replace "." .metadata.namespace)) -}}
{{- $both := ternary $theirs $own (empty $own) -}}
{{- if and $own $theirs -}}
{{- $both = list -}}
{{- range $theirs -}}{{- if has . $own -}}{{- $both = append $both . -}}{{- end -}}{{- end -}}
{{- end -}}
{{- if or $both (not (or $own $theirs)) -}}
{{- fail (printf "the TaskQueue operator %s/%s serves %s too, so each Task there would be sent twice; give the two releases watchNamespaces that have no namespace in common, or uninstall one of them; allowOverlap=true switches this check off" .metadata.namespace .metadata.name (default "all namespaces" (join ", " $both))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Puts a policy into force; called with a dict of root, name, action (Deny if absent) and watched, which says whether watchNamespaces bounds it. */}}
{{- define "taskqueue.policyBinding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .name | quote }}
  labels:
    {{- include "taskqueue.labels" .root | nindent 4 }}
spec:
  policyName: {{ .name | quote }}
  validationActions: [{{ default "Deny" .action }}]
  {{- if and .watched .root.Values.watchNamespaces }}
  matchResources:
    namespaceSelector:
      matchExpressions:
        - key: kubernetes.io/metadata.name
          operator: In
          values:
            {{- toYaml .root.Values.watchNamespaces | nindent 12 }}
  {{- end }}
{{- end -}}
