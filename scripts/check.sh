#!/usr/bin/env bash
# What can be said without running the program: vet, the linters, formatting, and that go.mod
# lists what is imported and nothing else. It changes no file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CGO_ENABLED=0

status=0
step() {
  local name=$1
  shift
  if ! "$@"; then
    echo "check: $name failed" >&2
    status=1
  fi
}

step "go vet" go vet ./...
step "go vet of simcheck" go -C wecom/simcheck vet ./...
step "go vet of retrieval" go -C scripts/retrieval vet ./...
step "lint" go tool -modfile=lint.mod golangci-lint run ./...
step "format (make fmt mends it)" go tool -modfile=lint.mod golangci-lint fmt --diff
step "go.mod (go mod tidy mends it)" go mod tidy -diff
step "go.mod of simcheck (go mod tidy there mends it)" go -C wecom/simcheck mod tidy -diff
step "go.mod of retrieval (go mod tidy there mends it)" go -C scripts/retrieval mod tidy -diff
exit "$status"
