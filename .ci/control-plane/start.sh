# Sourced by scripts that need a control plane of their own: kube-apiserver and etcd on free ports of loopback, from build.sh.

ports() { # ports NUMBER: so many free ports of loopback
  python3 -c 'import socket, sys; s = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]; print(*[x.getsockname()[1] for x in s])' "$1"
}

# control_plane FOLDER: returns once it is ready. Sets binaries (the folder of kubectl and the others), server (a URL) and token (of a
# member of system:masters), writes FOLDER/kubeconfig for that member, and puts the two process ids in front of the array pids, the API
# server first: without etcd it does not end.
control_plane() {
  local folder=$1 version api etcd peer
  version=$(sed -nE 's/^.*k8s.io\/kubernetes v([0-9.]+).*$/\1/p' .ci/control-plane/go.mod | head -n 1)
  binaries=$(echo "${KUBE_API_TEST_DIR:-$HOME/.kubeapitest}/k8s/$version-linux-"*)
  [ -x "$binaries/kube-apiserver" ] || { echo "no control plane: run .ci/control-plane/build.sh" >&2; return 1; }
  read -r api etcd peer < <(ports 3)
  server="https://127.0.0.1:$api"
  token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
  mkdir -p "$folder"
  echo "$token,admin,admin,system:masters" >"$folder/tokens.csv"
  openssl genrsa -out "$folder/key.pem" 2048 2>/dev/null
  "$binaries/etcd" --data-dir "$folder/etcd" --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls "http://127.0.0.1:$etcd" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" --initial-cluster "default=http://127.0.0.1:$peer" \
    --unsafe-no-fsync --log-level error >"$folder/etcd.log" 2>&1 &
  pids=($! "${pids[@]}")
  "$binaries/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd" --secure-port "$api" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 \
    --endpoint-reconciler-type none --cert-dir "$folder/certs" --service-cluster-ip-range 127.20.0.0/16 --authorization-mode RBAC \
    --service-account-issuer https://kubernetes.default.svc --service-account-signing-key-file "$folder/key.pem" --service-account-key-file "$folder/key.pem" \
    --token-auth-file "$folder/tokens.csv" --disable-admission-plugins ServiceAccount >"$folder/api.log" 2>&1 &
  pids=($! "${pids[@]}")
  kubeconfig "$token" >"$folder/kubeconfig"
  for _ in $(seq 200); do
    if "$binaries/kubectl" --kubeconfig "$folder/kubeconfig" get --raw /readyz >/dev/null 2>&1; then return 0; fi
    sleep 0.3
  done
  tail "$folder/api.log" >&2
  return 1
}

kubeconfig() { # kubeconfig TOKEN: of the control plane that runs, on stdout
  cat <<YAML
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "$server", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: $1}}]
contexts: [{name: x, context: {cluster: c, user: u, namespace: default}}]
current-context: x
YAML
}
