# container.sh: what the proofs of the images have in common; run and gateway source it in the root of the repository. It makes $work, which
# goes with everything that was started. Needs root on Debian (it installs podman and mmdebstrap where they are missing), JAVA_HOME of a JDK 25,
# and the control plane of .ci/control-plane/build.sh.
: "${JAVA_HOME:?set it to a JDK 25}"
revision=$(git rev-parse HEAD)
work=$(mktemp -d)
pids=()
end() {
  [ ! -f "$work/storage.conf" ] || podman rm -f -t 3 -a >/dev/null 2>&1 || true
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" || true; done
  rm -rf "$work"
}
trap end EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

missing=()
for tool in podman mmdebstrap crun python3; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi

build() { # build MODULE BASE CACHE [OPTION]: leaves MODULE/target/image.tar, made from the sources alone and with a cache of Jib's of its own
  rm -rf "$1"/target/{classes,maven-status,maven-archiver,sbom,jib-cache,image.tar,image.digest} "$1"/target/taskqueue-*.jar
  mvn -q -B package -Pimage -Dmaven.test.skip=true -pl "$1" -am -Dimage.base="tar://$2" -Djib.baseImageCache="$work/$3" \
    -Djib.applicationCache="$work/$3" -Dimage.revision="$revision" "${@:4}"
}
bases() { # builds the base twice, as $work/base.tar and $work/base-again.tar
  .ci/image/base.sh "$work/base.tar"
  .ci/image/base.sh "$work/base-again.tar"
  cmp "$work/base.tar" "$work/base-again.tar" || fail "two builds of the base differ"
}
same() { # same MODULE CACHE [OPTION]: builds once more, from nothing but the sources and the base, and compares
  local first bytes
  first=$(cat "$1/target/image.digest") bytes=$(sha256sum <"$1/target/image.tar")
  build "$1" "$work/base-again.tar" "${@:2}"
  [ "$first" = "$(cat "$1/target/image.digest")" ] && [ "$bytes" = "$(sha256sum <"$1/target/image.tar")" ] || fail "two builds of the image differ"
  echo "two builds, one digest: $first, $(($(stat -c %s "$1/target/image.tar") / 1000000)) MB"
}

# The container. podman asks for more open files than a container of ours may have, hence the limits; crun refuses a host that has both
# versions of cgroups, hence the namespace of its own without the second.
export CONTAINERS_STORAGE_CONF=$work/storage.conf
printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/storage"\n' "$work" "$work" >"$CONTAINERS_STORAGE_CONF"
load() { podman load -q -i "$1" | sed 's/^Loaded image[^:]*: //'; }
start() { # start NAME HEALTH_PORT IMAGE MEMORY [OPTION]: sets container (podman), main (the JVM) and took (ms until ready); the log is $work/NAME.log
  local began
  podman rm -f -i "$1" >/dev/null 2>&1 || true
  began=$(date +%s%N)
  unshare -m sh -c '! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified; exec "$@"' sh \
    podman --cgroup-manager cgroupfs run --name "$1" --runtime crun --network host --http-proxy=false --read-only --read-only-tmpfs=false \
    --cap-drop all --security-opt no-new-privileges --memory "$4" --memory-swap "$4" --ulimit nofile=20000:20000 --ulimit nproc=8192:8192 \
    "${@:5}" "$3" >"$work/$1.log" 2>&1 &
  container=$!
  pids=("$container" "${pids[@]}")
  until curl -fs --noproxy '*' "http://127.0.0.1:$2/readyz" >/dev/null; do
    kill -0 "$container" 2>/dev/null || { cat "$work/$1.log"; fail "the container ended"; }
    [ $(($(date +%s%N) - began)) -lt 60000000000 ] || { cat "$work/$1.log"; fail "/readyz is not 200 after 60 s"; }
    sleep 0.02
  done
  took=$((($(date +%s%N) - began) / 1000000))
  main=$(podman inspect -f '{{.State.Pid}}' "$1")
}
stop() { # sets code: what SIGTERM ended it with
  kill -TERM "$main"
  code=0
  wait "$container" || code=$?
}
cpu() { awk '{sub(/.*\) /, ""); print ($12 + $13) * 10}' "/proc/$main/stat"; } # ms, at 100 ticks a second
memory() { awk "/$1/ {print int(\$2 / 1024)}" "/proc/$main/status"; } # memory VmRSS or VmHWM: MB
restricted() { # that it runs as nobody with no rights
  grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' "/proc/$main/status" | tr -s '\t' ' '
  grep -q '^Uid:\s65532\s' "/proc/$main/status" && grep -q '^CapEff:\s0000000000000000$' "/proc/$main/status" ||
    fail "it runs with more rights than it needs"
}
