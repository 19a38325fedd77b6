#!/usr/bin/env bash
# Builds the image of the Dockerfile and starts it, without a container engine: buildah
# builds in a chroot, on stand-ins for the Go and Node images that are assembled from this
# machine's own tools. The image's file tree is then started as an engine would: its user,
# environment and entrypoint, a read-only root, a volume at /data, no capabilities.
#
#   scripts/image-check.sh
#
# It needs root (for chroot and mounts), Go, Node and buildah, which it installs with apt.
# Modules and packages come from this machine's caches, or else from where its own tools
# take them. Nothing is left behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dir=
serving=

say() { echo "image-check: $*"; }

die() {
  echo "image-check: $*" >&2
  exit 1
}

# bud is buildah with storage of its own.
bud() { buildah --storage-driver vfs --root "$dir/storage" --runroot "$dir/run" "$@"; }

# shellcheck disable=SC2317 # called by the trap
cleanup() {
  local status=$?
  [ -z "$serving" ] || kill -KILL "$serving" 2>/dev/null || true
  [ -n "$dir" ] || return 0
  [ "$status" -eq 0 ] || [ ! -s "$dir/serve.log" ] || tail -n 20 "$dir/serve.log" >&2
  if [ -d "$dir/storage" ]; then
    bud umount --all >/dev/null 2>&1 || true
    bud rm --all >/dev/null 2>&1 || true
  fi
  rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

need_tools() {
  local tool
  [ "$(id -u)" -eq 0 ] || die "needs root, for chroot and mounts"
  if ! command -v buildah >/dev/null && command -v apt-get >/dev/null; then
    say "installing buildah" >&2
    export DEBIAN_FRONTEND=noninteractive
    {
      apt-get -q update &&
        apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install buildah
    } </dev/null >"$dir/apt.log" 2>&1 || tail -n 30 "$dir/apt.log" >&2
  fi
  for tool in buildah go node npm unshare setpriv ldd; do
    command -v "$tool" >/dev/null || die "not found: $tool (buildah is its package's name on Debian)"
  done
  unshare --mount true || die "mounts are not allowed here"
}

# copy_programs copies programs into a root, and the libraries that they load.
copy_programs() {
  local root=$1 file
  shift
  for file in "$@"; do
    file=$(readlink -f "$(command -v "$file")")
    echo "$file"
    ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || true
  done | sort -u | while read -r file; do
    # /bin and /lib lead to /usr.
    install -D "$file" "$root$(readlink -f "$(dirname "$file")")/$(basename "$file")"
  done
}

# copy_c_library copies the rest of the C library: what is loaded while programs run is not
# seen in them.
copy_c_library() {
  local root=$1 file
  for file in "$(dirname "$(readlink -f "$(ldd "$(command -v bash)" | grep -o '/[^ ]*/libc\.so[^ ]*')")")"/lib{dl,m,nss_*,pthread,resolv,rt,util}.so.[0-9]*; do
    [ ! -f "$file" ] || install -D "$file" "$root$file"
  done
}

# stand_in makes the image NAME: a shell, the small tools that builds call, and what the
# function NAME_fills puts into its root.
stand_in() {
  local name=$1 container root link
  container=$(bud from scratch)
  root=$(bud mount "$container")
  mkdir -p "$root"/{tmp,root,etc/ssl,usr/bin,usr/lib,usr/lib64}
  chmod 1777 "$root/tmp"
  for link in bin lib lib64; do ln -s "usr/$link" "$root/$link"; done
  copy_programs "$root" sh bash env mkdir chmod ls cp mv rm cat uname dirname sed
  copy_c_library "$root"
  ln -sf "$(basename "$(readlink -f "$(command -v sh)")")" "$root/usr/bin/sh"
  [ ! -d /etc/ssl/certs ] || cp -rL /etc/ssl/certs "$root/etc/ssl/"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  bud config --env PATH=/usr/local/go/bin:/usr/bin --env HOME=/root "$container"
  "${name}_fills" "$root" "$container"
  bud commit -q --rm "$container" "localhost/$name" >/dev/null
}

# shellcheck disable=SC2317 # called by stand_in
go_fills() {
  mkdir -p "$1/usr/local"
  cp -r "$(go env GOROOT)" "$1/usr/local/go"
  bud config --env GOPATH=/go --env GOTOOLCHAIN=local "$2"
}

# shellcheck disable=SC2317 # called by stand_in
node_fills() {
  local npm certificates
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  copy_programs "$1" node
  mkdir -p "$1/usr/lib/node_modules"
  cp -rL "$npm" "$1/usr/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/bin/npm"
  certificates=$(npm config get cafile 2>/dev/null)
  [ -f "$certificates" ] || return 0
  cp -L "$certificates" "$1/etc/ssl/npm.pem"
  bud config --env NPM_CONFIG_CAFILE=/etc/ssl/npm.pem "$2"
}

build() {
  local modules packages
  modules=$(go env GOMODCACHE)
  packages=$(npm config get cache 2>/dev/null)
  # Where buildah keeps the folder that the Dockerfile names as the compiler's cache: this
  # machine's own saves minutes.
  mkdir -p "$modules" "$packages" "$(go env GOCACHE)" "$dir/tmp/buildah-cache"
  ln -s "$(go env GOCACHE)" "$dir/tmp/buildah-cache/deskmate-go-build"
  TMPDIR=$dir/tmp bud bud --isolation chroot --format docker --pull-never --layers=false \
    --build-arg GO_IMAGE=localhost/go --build-arg NODE_IMAGE=localhost/node --build-arg VERSION=v0.0.0-check \
    --build-arg "GOPROXY=$(go env GOPROXY)" --build-arg "NPM_CONFIG_REGISTRY=$(npm config get registry 2>/dev/null)" \
    --volume "$modules:/go/pkg/mod" --volume "$packages:/root/.npm" \
    --tag localhost/deskmate . </dev/null >"$dir/build.log" 2>&1 || {
    tail -n 40 "$dir/build.log" >&2
    die "the image does not build"
  }
}

# says holds a part of the image's settings against what it must be.
says() {
  local what=$1 want=$2 got
  got=$(bud inspect --type image --format "{{.Docker.Config.$what}}" localhost/deskmate)
  [ "$got" = "$want" ] || die "$what is $got, want $want"
}

check_settings() {
  local label
  says User 65532:65532
  says Entrypoint '[/deskmate]'
  says Cmd '[serve]'
  says Healthcheck.Test '[CMD /deskmate health]'
  says ExposedPorts 'map[8080/tcp:{}]'
  says Volumes 'map[/data:{}]'
  says WorkingDir /data
  for label in title description licenses; do
    bud inspect --type image --format '{{.Docker.Config.Labels}}' localhost/deskmate |
      grep -q "org.opencontainers.image.$label:" || die "the label $label is missing"
  done
  bud inspect --type image --format '{{.Docker.Config.Labels}}' localhost/deskmate |
    grep -q 'org.opencontainers.image.version:v0.0.0-check' || die "the label version is not the build's"
}

# check_files: the program, which its user can't change, and two folders, which it can.
check_files() {
  local got want
  got=$(cd "$root" && find . -mindepth 1 -printf '%p %m %U\n' | sort)
  want=$'./data 700 65532\n./deskmate 755 0\n./tmp 1777 65532'
  [ "$got" = "$want" ] || die "the image holds: $got"
  [ "$(stat -c %u "$root")" = 0 ] || die "the root folder is not root's"
}

# in_image runs the program in the image's tree with the image's environment and the
# settings NAME=value given before `--`. The shell becomes the program: its process is the
# one that signals reach.
in_image() {
  local settings=()
  while [ "$1" != -- ]; do
    settings+=("$1")
    shift
  done
  shift
  # shellcheck disable=SC2016 # expanded inside
  exec unshare --mount --propagation private bash -c '
    set -e
    root=$1 data=$2
    shift 2
    mount --bind "$root" "$root"
    mount --bind "$data" "$root/data"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mount -o remount,bind,ro "$root"
    exec "$@"' - "$root" "$data" \
    setpriv --no-new-privs env -i "${environment[@]}" "${settings[@]}" \
    chroot --userspec=65532:65532 --groups= "$root" /deskmate "$@"
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# stop ends what serves as an engine does.
stop() {
  local tries=0 status=0
  kill -TERM "$serving"
  while kill -0 "$serving" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 400 ] || die "SIGTERM does not end it within 20 s"
    sleep 0.05
  done
  wait "$serving" || status=$?
  serving=
  [ "$status" -eq 0 ] || die "SIGTERM ended it with status $status"
}

check_serve() {
  local at=DESKMATE_LISTEN=127.0.0.1:$port started tries=0
  if (in_image "$at" -- health) >/dev/null 2>&1; then
    die "health says yes while nothing serves"
  fi
  started=$(milliseconds)
  # A zone that nobody has by default: it comes from the program itself.
  (in_image "$at" DESKMATE_TIME_ZONE=America/Argentina/Ushuaia -- serve) >"$dir/serve.log" 2>&1 &
  serving=$!
  until (in_image "$at" -- health) >/dev/null 2>&1; do
    kill -0 "$serving" 2>/dev/null || die "serve ended by itself"
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || die "serve does not get ready"
    sleep 0.05
  done
  say "ready $(($(milliseconds) - started)) ms after its start"
  [ -s "$data/deskmate.db" ] || die "there is no database in /data"
  [ "$(stat -c %u:%a "$data/secret.key")" = 65532:600 ] || die "the key in /data is not its user's alone"
  [ "$(awk '/^Uid:/ {print $2} /^CapEff:/ {print $2}' "/proc/$serving/status" | paste -sd:)" = 65532:0000000000000000 ] ||
    die "it runs with more rights than it needs"

  started=$(milliseconds)
  stop
  say "stopped $(($(milliseconds) - started)) ms after SIGTERM"
}

# page prints the answer to GET / of a loopback port.
page() {
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" >&3
  cat <&3
}

# check_demo: both forms of the demo work, and its page is the one that was built.
check_demo() {
  local sim tries=0
  (in_image -- demo --once) >"$dir/demo.log" 2>&1 || {
    tail -n 20 "$dir/demo.log" >&2
    die "demo --once failed in the image"
  }
  sim=$(free_port)
  (in_image -- demo --listen "127.0.0.1:$port" --sim "127.0.0.1:$sim" --dir /data/demo) >"$dir/serve.log" 2>&1 &
  serving=$!
  until (in_image "DESKMATE_LISTEN=127.0.0.1:$port" -- health) >/dev/null 2>&1; do
    kill -0 "$serving" 2>/dev/null || die "demo ended by itself"
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || die "demo does not get ready"
    sleep 0.05
  done
  (page "$sim") >"$dir/page" 2>/dev/null || die "the demo's page does not answer"
  grep -q '^HTTP/1.1 200' "$dir/page" || die "the demo's page answers $(head -n 1 "$dir/page")"
  grep -q '/assets/' "$dir/page" || die "the demo's page is only the placeholder"
  stop
  say "the demo came through, and shows its page"
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/deskmate-image.XXXXXX")
chmod 755 "$dir"
need_tools
say "making stand-ins for the Go and Node images"
stand_in go
stand_in node
say "building"
build
check_settings

container=$(bud from localhost/deskmate)
root=$(bud mount "$container")
data=$dir/data
port=$(free_port)
check_files
install -d -m 700 -o 65532 -g 65532 "$data"
mapfile -t environment < <(bud inspect --type image --format '{{range .Docker.Config.Env}}{{println .}}{{end}}' localhost/deskmate | sed '/^$/d')
say "the program has $(stat -c %s "$root/deskmate") bytes, the image's archive $(tar -C "$root" -c . | gzip -6 | wc -c)"

[ "$(in_image -- version)" = 'deskmate v0.0.0-check' ] || die "version is not the build's"
[ "$(bud run --isolation chroot "$container" /deskmate version)" = 'deskmate v0.0.0-check' ] ||
  die "version is not the build's under buildah run"
check_serve
check_demo
say "all is well"
