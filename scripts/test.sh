#!/usr/bin/env bash
# Everything that must hold before a change lands: every test, whole conversations included,
# against a real MariaDB and a real Redis, then the checks of `make check`. CI runs the
# same.
#
#   scripts/test.sh                  everything
#   scripts/test.sh ./config/...     the tests of some packages, without the checks
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The program is built without C, so it is tested without it, too.
export CGO_ENABLED=0

if [ $# -gt 0 ]; then
  exec scripts/with-servers.sh go test -timeout 15m "$@"
fi

# The pages come first: the program is tested with what it ships. Without Node it is tested
# without them, which CI does not accept.
pages=yes
if ! command -v npm >/dev/null && [ "${CI:-}" != true ]; then
  echo "test: npm is missing: THE PAGES ARE NOT TESTED (install Node 20)" >&2
  pages=
fi
[ -z "$pages" ] || scripts/web.sh build

scripts/with-servers.sh go test -timeout 15m ./...
# Clients that nobody here wrote drive the simulator, in a module of their own.
go -C wecom/simcheck test -timeout 5m ./...
# So does what measures the answers beside other engines.
scripts/with-servers.sh go -C scripts/retrieval test -timeout 5m ./...

if [ -n "$pages" ]; then
  scripts/web.sh test
  make build
  scripts/web.sh e2e
fi
exec scripts/check.sh
