#!/usr/bin/env bash
# Makes the plain manifests from the chart. Needs helm: HELM names another than the one on the PATH; a test does, and fails where the files
# here are not what this script makes. An argument names another folder to write to.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
mkdir -p "$out/namespaced"

render() { # render NAMESPACE ARGUMENTS...
  local namespace=$1
  shift
  "${HELM:-helm}" template taskqueue "$here/../taskqueue" --namespace "$namespace" "$@" |
    # Helm does not manage these objects.
    sed -e '/^ *app\.kubernetes\.io\/managed-by: Helm$/d' -e '/^ *helm\.sh\/chart: /d' -e '/^# Source: /d'
}

header="# Made by charts/manifests/render.sh from the chart in charts/taskqueue; do not edit."

{
  echo "$header"
  cat <<'YAML'
apiVersion: v1
kind: Namespace
metadata:
  name: taskqueue-system
  labels:
    pod-security.kubernetes.io/enforce: restricted
YAML
  render taskqueue-system --set crds.keep=false
} > "$out/install.yaml"

{
  echo "$header"
  render taskqueue-system --set crds.keep=false --show-only templates/crds.yaml
} > "$out/crds.yaml"

{
  echo "$header"
  echo "# Serves the namespace it lies in. No object here is of the whole cluster: an administrator applies ../crds.yaml first."
  render taskqueue --set crds.enabled=false --set admissionPolicies.enabled=false --set userRoles.create=false \
    --set 'watchNamespaces={taskqueue}'
} > "$out/namespaced/install.yaml"

{
  echo "$header"
  echo "# The alerts with their defaults, as a rule file for a Prometheus without the Prometheus operator."
  render taskqueue-system --set metrics.prometheusRule.enabled=true --show-only templates/alerts.yaml |
    sed -e '1,/^spec:$/d' -e 's/^  //'
} > "$out/alerts.yaml"
