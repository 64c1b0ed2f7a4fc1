#!/usr/bin/env bash
# Makes Google's Node client for Cloud Tasks available to the tests of the gateway, with every version pinned in node/package-lock.json. Does
# nothing when it is already there. Needs node and npm with a registry. KUBE_API_TEST_DIR (default ~/.kubeapitest) says where it goes: into
# tools/ there.
set -euo pipefail
cd "$(dirname "$0")/node"

version=$(sed -nE 's/^ *"@google-cloud\/tasks": "([0-9.]+)".*/\1/p' package.json)
target="${KUBE_API_TEST_DIR:-$HOME/.kubeapitest}/tools/cloud-tasks-node-$version"
if [ ! -d "$target/node_modules" ]; then
  rm -rf "$target.part"
  mkdir -p "$target.part"
  cp package.json package-lock.json "$target.part"
  npm --prefix "$target.part" ci --ignore-scripts --no-audit --no-fund --loglevel=error
  mv "$target.part" "$target"
fi
echo "Node client: $target"
