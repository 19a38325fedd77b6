# make lists the targets; each does what a developer and CI do alike.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT := go tool -modfile=lint.mod golangci-lint

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## play a whole conversation in the terminal: no WeCom, no server, no account
	./bin/deskmate demo --once

.PHONY: run
run: build ## serve on SQLite and the built-in Redis, data in ./data
	./bin/deskmate serve

.PHONY: build
build: ## build the static program into ./bin
	CGO_ENABLED=0 go build -trimpath -tags nomsgpack -ldflags "-s -w -X main.version=$(VERSION)" -o bin/deskmate ./cmd/deskmate

.PHONY: test
test: ## everything that CI runs: all tests on real servers, then check
	scripts/test.sh

.PHONY: test-race
test-race: ## the packages with the most goroutines under the race detector (needs a C compiler)
	CGO_ENABLED=1 scripts/with-servers.sh go test -race -timeout 15m ./bot/... ./model/... ./store/redisstore/... ./wecom/...

.PHONY: e2e
e2e: ## whole conversations against the real program and the simulator
	CGO_ENABLED=0 scripts/with-servers.sh go test -timeout 15m ./cmd/...

.PHONY: bench
bench: ## every benchmark, on real servers
	CGO_ENABLED=0 scripts/with-servers.sh go test -run '^$$' -bench . -benchmem -timeout 30m ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (10s) each
	scripts/fuzz.sh

.PHONY: check
check: ## vet, lint, formatting and go.mod, changing nothing
	scripts/check.sh

.PHONY: lint
lint: ## the linters of .golangci.yaml
	$(LINT) run ./...

.PHONY: fmt
fmt: ## format the Go code
	$(LINT) fmt

.PHONY: vuln
vuln: ## look the dependencies up in Go's vulnerability database (needs internet)
	go tool -modfile=tools.mod govulncheck ./...
