#!/usr/bin/env bash
# The demo: builds the pages and the program, and starts both. Without Node the pages can't be
# built; then the conversation is played in the terminal only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v npm >/dev/null; then
  make build
  echo "demo: npm is missing, so there are no pages (install Node 20): in the terminal only" >&2
  exec ./bin/deskmate demo --once
fi
make web build
exec ./bin/deskmate demo "$@"
