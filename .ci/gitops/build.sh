#!/usr/bin/env bash
# Makes Flux's and Argo CD's own controllers available to .ci/gitops/flux and .ci/gitops/argo, with their CRDs: built from Go modules at the
# versions pinned in the file beside this one. Does nothing when they are already there; else it takes a quarter of an hour. Needs Go
# (1.26). KUBE_API_TEST_DIR (default ~/.kubeapitest) says where it all goes: into gitops/ there. With names as arguments: only those.
set -euo pipefail
cd "$(dirname "$0")"

target="${KUBE_API_TEST_DIR:-$HOME/.kubeapitest}/gitops"
mkdir -p "$target"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # build NAME MODULE VERSION
  local file="$target/$1-${3#v}" dir="$work/$1" main=. flags="-s -w"
  [ ! -x "$file" ] || return 0
  echo "building $1 $3 (once per machine)"
  # A module that has replacements cannot be installed as it is, so it is built in a copy of its own. Those that point into its own
  # repository are not in what the proxy serves: without them the published version of the same module is taken.
  cp -r "$(go mod download -json "$2@$3" | sed -nE 's/^\s*"Dir": "(.*)",?$/\1/p')" "$dir"
  chmod -R u+w "$dir"
  (
    cd "$dir"
    sed -nE 's/^(replace)?\s*(\S+) => \.\/.*$/\2/p' go.mod | while read -r own; do go mod edit -dropreplace="$own"; done
    if [ "$1" = argocd ]; then
      main=./cmd
      flags+=" -X $2/common.version=${3#v}"
      crds=(manifests/crds/{application,applicationset,appproject}-crd.yaml)
    else
      crds=(config/crd/bases/*.yaml)
    fi
    for crd in "${crds[@]}"; do printf -- '---\n' && cat "$crd"; done >"$file.yaml"
    CGO_ENABLED=0 go build -mod=mod -buildvcs=false -trimpath -ldflags "$flags" -o "$file.part" "$main"
  )
  rm -rf "$dir"
  mv "$file.part" "$file"
}
while read -r name module version; do
  if [ $# -eq 0 ] || [[ " $* " == *" $name "* ]]; then build "$name" "$module" "$version"; fi
done <versions
echo "GitOps controllers: $target"
