# make lists the targets; each does what a developer and CI do alike.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT := go tool -modfile=lint.mod golangci-lint

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## the whole product in the browser: no WeCom, no server, no account
	scripts/demo.sh

.PHONY: run
run: build ## serve on SQLite and the built-in Redis, data in ./data
	./bin/deskmate serve

.PHONY: gen
gen: ## write the API document and its TypeScript types anew from the handlers
	DESKMATE_UPDATE=1 CGO_ENABLED=0 go test ./handler -run TestDocument -count=1
	scripts/web.sh gen

.PHONY: web
web: ## build the pages into web/dist (needs Node 20)
	scripts/web.sh build

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
e2e: web build ## whole conversations against the real program and the simulator, in Chromium too
	CGO_ENABLED=0 scripts/with-servers.sh go test -timeout 15m ./cmd/...
	scripts/web.sh e2e

.PHONY: bench
bench: ## every benchmark, on real servers that write through to the disk
	CGO_ENABLED=0 DURABLE=1 scripts/with-servers.sh go test -run '^$$' -bench . -benchmem -timeout 30m ./...

.PHONY: bench-retrieval
bench-retrieval: build ## answers beside plain engines, on question sets in TASKS=folder
	cd scripts/retrieval && CGO_ENABLED=0 ../with-servers.sh go run . $(if $(TASKS),-tasks "$(abspath $(TASKS))") $(if $(WEIGHTS),-weights "$(abspath $(WEIGHTS))")

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (10s) each
	scripts/fuzz.sh

.PHONY: image
image: ## build the container image
	docker build --build-arg VERSION=$(VERSION) -t deskmate:$(VERSION) -t deskmate:latest .

.PHONY: image-check
image-check: ## build and start the image without a container engine (root)
	scripts/image-check.sh

.PHONY: compose-check
compose-check: ## check compose.yaml, and the proxy in front of two servers (root)
	scripts/compose-check.sh

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
