#!/usr/bin/env bash
# base.sh TAR: builds a base for the operator's image where no registry is at hand: Debian's C library and zlib, a JDK cut down to the
# modules the operator needs, the user nonroot (65532), and no shell. TAR is what "docker load" reads; the same inputs give the same bytes.
# Needs mmdebstrap, and JAVA_HOME of a JDK 25. DEBIAN_MIRROR (default: Debian's own) says where packages come from.
set -euo pipefail
tar=$(realpath -m "$1")
suite=bookworm
epoch=1767225600 # 2026-01-01, as the project's jars
# What the operator and its libraries use (Quartz: java.desktop, for java.beans), flight recordings, and what is looked up by name.
modules=java.base,java.desktop,java.logging,java.management,java.naming,java.sql,java.xml,java.rmi,java.security.jgss,java.net.http
modules+=,jdk.httpserver,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs,jdk.crypto.ec

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/root"
export SOURCE_DATE_EPOCH=$epoch

mmdebstrap -q --variant=extract --include=base-files,netbase,libc6,zlib1g "$suite" "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
rm -rf "$root"/{boot,dev,home,media,mnt,opt,srv,run,root}/* "$root"/usr/{bin,sbin,share}/* "$root"/bin/* "$root"/sbin/* \
  "$root"/var/{cache,lib/apt,lib/dpkg,log} "$root"/usr/lib/*-linux-gnu/gconv "$root"/etc/apt
"$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --compress zip-6 ${JLINK_OPTS:-} --output "$root/opt/java"
printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
mkdir -p "$root/tmp" "$root/home/nonroot"
chmod 1777 "$root/tmp"

mkdir "$work/image"
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --format=gnu -C "$root" -cf "$work/image/layer.tar" .
digest=$(sha256sum "$work/image/layer.tar" | cut -d ' ' -f 1)
printf '%s' '{"architecture":"amd64","os":"linux","created":"2026-01-01T00:00:00Z","config":{"User":"65532:65532","Env":["PATH=/opt/java/bin","JAVA_HOME=/opt/java"]},"rootfs":{"type":"layers","diff_ids":["sha256:'"$digest"'"]},"history":[{"created":"2026-01-01T00:00:00Z"}]}' >"$work/image/config.json"
printf '%s' '[{"Config":"config.json","RepoTags":["taskqueue-base:local"],"Layers":["layer.tar"]}]' >"$work/image/manifest.json"
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -C "$work/image" -cf "$tar" config.json layer.tar manifest.json
