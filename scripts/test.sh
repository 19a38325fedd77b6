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
scripts/with-servers.sh go test -timeout 15m ./...
exec scripts/check.sh
