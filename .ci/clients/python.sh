#!/usr/bin/env bash
# Makes Google's Python client for Cloud Tasks available to the tests of the gateway, and what the handlers of samples/migrate-from-cloud-tasks
# need, in a virtual environment of its own, with every version pinned in python.txt. Does nothing when it is already there. Needs python3 with venv and a package index. KUBE_API_TEST_DIR (default
# ~/.kubeapitest) says where it goes: into tools/ there.
set -euo pipefail
cd "$(dirname "$0")"

version=$(sed -nE 's/^google-cloud-tasks==//p' python.txt)
target="${KUBE_API_TEST_DIR:-$HOME/.kubeapitest}/tools/cloud-tasks-python-$version"
if [ ! -x "$target/bin/python" ]; then
  mkdir -p "$(dirname "$target")"
  rm -rf "$target.part"
  python3 -m venv "$target.part"
  "$target.part/bin/python" -m pip install --quiet --disable-pip-version-check --requirement python.txt
  mv "$target.part" "$target"
fi
echo "Python client: $target"
