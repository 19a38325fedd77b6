#!/usr/bin/env bash
# Fuzzes every fuzz target of the packages given (all, where none is), one after the other,
# each for FUZZTIME (10s).
# What is found stays in the package's testdata/fuzz and fails its tests from then on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CGO_ENABLED=0

[ $# -gt 0 ] || set -- ./...
found=0
while read -r package; do
  while read -r target; do
    found=$((found + 1))
    echo "== $package $target"
    go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" -fuzzminimizetime 5s
  done < <(go test "$package" -list '^Fuzz' | grep '^Fuzz' || true)
done < <(go list "$@")
echo "$found fuzz targets"
