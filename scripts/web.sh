#!/usr/bin/env bash
# Builds and tests the pages:
#
#   scripts/web.sh build    into web/dist, from where the program embeds them
#   scripts/web.sh test     types, generated API, components
#   scripts/web.sh gen      the API's types from the OpenAPI documents
#   scripts/web.sh e2e      whole conversations in Chromium, through bin/deskmate
#
# It needs Node 20.19 or newer; e2e needs Chromium, which is installed with apt where it is root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../web"

# need_node fails with the reason where there is no usable Node.
need_node() {
  local enough=false
  command -v node >/dev/null &&
    enough=$(node -p 'const [major, minor] = process.versions.node.split(".").map(Number); major > 20 || major === 20 && minor >= 19')
  if [ "$enough" != true ] || ! command -v npm >/dev/null; then
    echo "web: Node 20.19 or newer with npm is missing; the pages can't be built or tested without it" >&2
    exit 1
  fi
}

# modules installs what the lock file says, once per lock file.
modules() {
  local stamp=node_modules/.deskmate-lock
  if ! cmp -s package-lock.json "$stamp"; then
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json "$stamp"
  fi
}

need_chromium() {
  command -v "${CHROMIUM:-/usr/bin/chromium}" >/dev/null && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "web: installing chromium and a font for Chinese" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update </dev/null >/dev/null
    apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install chromium fonts-noto-cjk </dev/null >/dev/null
  fi
  if ! command -v "${CHROMIUM:-/usr/bin/chromium}" >/dev/null; then
    echo "web: Chromium is missing: install the package chromium, or name one in CHROMIUM" >&2
    exit 1
  fi
}

need_node
modules
case "${1:-}" in
  build) npm run --silent build ;;
  gen) npm run --silent gen ;;
  test)
    npm run --silent check
    ;;
  e2e)
    need_chromium
    npm run --silent e2e
    ;;
  *)
    echo "usage: scripts/web.sh build|test|e2e|gen" >&2
    exit 2
    ;;
esac
