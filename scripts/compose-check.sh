#!/usr/bin/env bash
# Checks compose.yaml and what it mounts. Its content is held by tests of cmd/deskmate; here
# the proxy's configuration is really served: a caddy in front of two servers, in a network
# of their own where they have the names and ports of compose.yaml. Where Docker Compose is
# installed it reads the file as well.
#
#   scripts/compose-check.sh
#
# It needs root (for that network), Go, curl and ip. A caddy that is not installed is taken
# from Debian's package for the time being. Nothing is left behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "compose-check: $*"; }

die() {
  echo "compose-check: $*" >&2
  exit 1
}

# The part that runs in the network of its own, with the folder of this run.
if [ "${1:-}" = inside ]; then
  dir=$2
  pids=()
  # shellcheck disable=SC2317 # called by the trap
  end() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
  }
  trap end EXIT

  ip link set lo up
  printf '127.0.0.1 localhost desk.test\n127.0.0.2 deskmate\n127.0.0.3 deskmate\n' >"$dir/hosts"
  mount --bind "$dir/hosts" /etc/hosts
  for n in 2 3; do
    DESKMATE_DATA_DIR=$dir/data$n DESKMATE_LISTEN=127.0.0.$n:8080 "$dir/deskmate" serve 2>"$dir/serve$n.log" &
    pids+=($!)
  done
  DESKMATE_PUBLIC_URL=http://desk.test XDG_CONFIG_HOME=$dir XDG_DATA_HOME=$dir \
    "$dir/caddy" run --config deploy/Caddyfile --adapter caddyfile 2>"$dir/caddy.log" &
  pids+=($!)

  # answers prints the status of a path behind the proxy, 000 for no answer.
  answers() { curl -s -m 10 -o "$dir/body" -w '%{http_code}' --path-as-is "http://desk.test$1" || true; }
  # want holds the status of a path.
  want() {
    local got
    got=$(answers "$2")
    [ "$got" = "$1" ] || die "$2 answers $got, want $1: $(tail -n 3 "$dir/caddy.log")"
  }

  tries=0
  until curl -sf -m 1 http://127.0.0.2:8080/readyz >/dev/null && curl -sf -m 1 http://127.0.0.3:8080/readyz >/dev/null &&
    [ "$(answers /readyz)" = 200 ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || die "the servers or the proxy do not start: $(tail -n 3 "$dir"/*.log)"
    sleep 0.1
  done
  # The proxy's own health check.
  wget -q -O /dev/null http://127.0.0.1:2019/config/ || die "the proxy's health check fails"

  for path in /metrics /metrics/ /metrics?x=1 //metrics /./metrics /x/../metrics /%6detrics /METRICS /healthz; do want 404 "$path"; done
  ! grep -q deskmate_ "$dir/body" || die "the proxy shows the metrics"
  [ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.2:8080/metrics)" = 200 ] || die "there are no metrics inside"
  want 404 /callback/nobody
  grep -q not_found "$dir/body" || die "callbacks don't reach the servers: $(cat "$dir/body")"
  want 200 /readyz

  for _ in $(seq 20); do want 404 /callback/nobody; done
  for n in 2 3; do
    [ "$(grep -c 'callback refused' "$dir/serve$n.log")" -gt 3 ] || die "server $n gets no work"
  done
  kill "${pids[0]}"
  wait "${pids[0]}" || die "the first server does not end well"
  for _ in $(seq 20); do want 200 /readyz; done
  kill "${pids[1]}"
  wait "${pids[1]}" || die "the second server does not end well"
  want 000 /callback/nobody
  [[ $(answers /readyz) = 50[0-9] ]] || die "the proxy hides that no server is left"
  say "the proxy serves what is for the outside, from whichever server lives"
  exit 0
fi

dir=
# shellcheck disable=SC2317 # called by the trap
cleanup() { [ -z "$dir" ] || rm -rf "$dir"; }
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
dir=$(mktemp -d "${TMPDIR:-/tmp}/deskmate-compose.XXXXXX")

[ "$(id -u)" -eq 0 ] || die "needs root, for a network of its own"
for tool in go curl wget ip unshare; do
  command -v "$tool" >/dev/null || die "not found: $tool"
done
if command -v caddy >/dev/null; then
  ln -s "$(command -v caddy)" "$dir/caddy"
else
  command -v apt-get >/dev/null || die "not found: caddy"
  (cd "$dir" && apt-get -q download caddy && dpkg -x caddy_*.deb unpacked) </dev/null >"$dir/apt.log" 2>&1 || {
    tail -n 5 "$dir/apt.log" >&2
    die "not found: caddy, and its package can't be had"
  }
  mv "$dir/unpacked/usr/bin/caddy" "$dir/caddy"
fi

if docker compose version >/dev/null 2>&1; then
  DESKMATE_PUBLIC_URL=https://desk.test docker compose -f compose.yaml --profile demo config --quiet
  say "docker compose takes the file"
else
  say "no Docker Compose here: it did not read the file"
fi
CGO_ENABLED=0 go test ./cmd/deskmate -run '^TestCompose'
CGO_ENABLED=0 go build -trimpath -tags nomsgpack -o "$dir/deskmate" ./cmd/deskmate
unshare --mount --net "$0" inside "$dir"
say "all is well"
