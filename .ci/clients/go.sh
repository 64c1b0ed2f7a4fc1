#!/usr/bin/env bash
# Makes Google's Go client for Cloud Tasks available to the tests of the gateway: compiles it, once, with every version pinned in go.mod and
# go.sum beside the program that the tests run. Afterwards the caches of Go have it, and a test builds its program in a few seconds. Does
# nothing when that was done. KUBE_API_TEST_DIR (default ~/.kubeapitest) says where it is noted: in tools/ there.
set -euo pipefail
cd "$(dirname "$0")/../../operator/gateway/src/test/clients/go"

version=$(awk '$1 == "cloud.google.com/go/cloudtasks" {print $2; exit}' go.mod | tr -d v)
target="${KUBE_API_TEST_DIR:-$HOME/.kubeapitest}/tools/cloud-tasks-go-$version"
if [ ! -x "$target/steps" ]; then
  echo "compiling Google's Go client (once per machine, a minute or more)"
  mkdir -p "$target"
  CGO_ENABLED=0 go build -buildvcs=false -trimpath -o "$target/steps.part" .
  mv "$target/steps.part" "$target/steps"
fi
echo "Go client: $target"
