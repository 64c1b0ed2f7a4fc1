#!/usr/bin/env bash
# Makes what checks the Helm chart available to the tests: helm and kubeconform, built from Go modules at the versions pinned in go.mod, and
# the CRDs of the Prometheus operator, which some of the chart's objects are of. Does nothing when they are already there. Needs Go (see
# go.mod for the version). KUBE_API_TEST_DIR (default ~/.kubeapitest) says where it all goes: into tools/ there. "mvn verify" runs it by itself
# where something of it is missing.
set -euo pipefail
cd "$(dirname "$0")"

target="${KUBE_API_TEST_DIR:-$HOME/.kubeapitest}/tools"
mkdir -p "$target"

pinned() { # pinned MODULE
  awk -v module="$1" '$1 == module && $2 ~ /^v[0-9]/ {print $2; exit}' go.mod
}

build() { # build NAME MODULE PACKAGE LINKER_FLAGS
  local file
  file="$target/$1-$(pinned "$2" | tr -d v)"
  if [ ! -x "$file" ]; then
    echo "building $file with Go (once per machine, a minute or more)"
    CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w $4" -o "$file.part" "$3"
    mv "$file.part" "$file"
  fi
}

# What helm takes a cluster's version for where it is not connected to one: that of the libraries it is built with.
minor=$(pinned k8s.io/client-go | cut -d . -f 2)
kubernetes=
for package in chartutil lint/rules; do
  kubernetes+=" -X helm.sh/helm/v3/pkg/$package.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/$package.k8sVersionMinor=$minor"
done
build helm helm.sh/helm/v3 helm.sh/helm/v3/cmd/helm \
  "-X helm.sh/helm/v3/internal/version.version=$(pinned helm.sh/helm/v3)$kubernetes"
build kubeconform github.com/yannh/kubeconform github.com/yannh/kubeconform/cmd/kubeconform \
  "-X main.version=$(pinned github.com/yannh/kubeconform)"

prometheus=v0.85.0
crds="$target/prometheus-operator-${prometheus#v}"
if [ ! -d "$crds" ]; then
  module=$(go mod download -json "github.com/prometheus-operator/prometheus-operator@$prometheus" |
    sed -nE 's/^\s*"Dir": "(.*)",?$/\1/p')
  mkdir "$crds.part"
  for kind in podmonitors prometheusrules servicemonitors; do
    install -m 644 "$module/example/prometheus-operator-crd/monitoring.coreos.com_$kind.yaml" "$crds.part/$kind.yaml"
  done
  mv "$crds.part" "$crds"
fi
echo "chart tools: $target"
