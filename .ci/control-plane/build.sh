#!/usr/bin/env bash
# Makes a real control plane available to the tests: kube-apiserver, etcd, kubectl and kube-controller-manager, built from Go modules at
# the versions pinned in go.mod, put where Fabric8's kube-api-test looks for them. Does nothing when they are already there; else it takes
# minutes. Needs Go (see go.mod for the version). KUBE_API_TEST_DIR (default ~/.kubeapitest) says where the binaries go. With names as
# arguments: only those. "mvn verify" runs it by itself where the control plane is missing.
set -euo pipefail
cd "$(dirname "$0")"
only="$*"

version=$(sed -nE 's/^require k8s.io\/kubernetes v([0-9.]+)$/\1/p' go.mod)
[ -n "$version" ] || version=$(sed -nE 's/^\s*k8s.io\/kubernetes v([0-9.]+).*$/\1/p' go.mod | head -n 1)
target="${KUBE_API_TEST_DIR:-$HOME/.kubeapitest}/k8s/${version}-$(go env GOOS)-$(go env GOARCH)"
mkdir -p "$target"

minor=${version#*.}
minor=${minor%%.*}
stamp="-X k8s.io/component-base/version.gitVersion=v$version \
  -X k8s.io/component-base/version.gitMajor=${version%%.*} -X k8s.io/component-base/version.gitMinor=$minor"

build() { # build NAME PACKAGE
  case " ${only:-$1} " in *" $1 "*) ;; *) return 0 ;; esac
  if [ ! -x "$target/$1" ]; then
    echo "building $1 $version with Go (once per machine, a minute or more)"
    CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w $stamp" -o "$target/$1.part" "$2"
    mv "$target/$1.part" "$target/$1"
  fi
}
build etcd go.etcd.io/etcd/server/v3
build kubectl k8s.io/kubernetes/cmd/kubectl
build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
build kube-controller-manager k8s.io/kubernetes/cmd/kube-controller-manager
echo "control plane $version: $target"
