# Everything a developer runs. `make` alone lists it.
#
# A bare Debian 12 with Go is enough: `make run` needs nothing else, `make test`
# installs what it lacks.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TOOL := go tool -modfile=tools/go.mod

# Stamp the commit into the binary where git agrees to tell it (it refuses in
# a folder that belongs to another user).
BUILDVCS := $(shell git status --porcelain >/dev/null 2>&1 && echo true || echo false)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build, then start the demo: the whole product beside a simulated world
	bin/jieling demo

.PHONY: build
build: modules ## Build bin/jieling, one static binary
	CGO_ENABLED=0 go build -trimpath -buildvcs=$(BUILDVCS) -ldflags "-s -w" -o bin/jieling ./cmd/jieling

.PHONY: test
test: modules install-test-tools check ## Run all that must pass: the checks, then every test with the race detector
	JIELING_CHROMIUM="$$(scripts/find-chromium)" CGO_ENABLED=1 \
		scripts/with-postgres go test -race -p 2 -timeout 40m ./...

.PHONY: check
check: build ## Check format, vet, staticcheck, that generated files are current, and the binary's size
	@echo "gofumpt"; scripts/check-format
	@echo "go vet"; go vet ./...
	@echo "staticcheck"; $(TOOL) staticcheck ./...
	@echo "generated files"; scripts/check-generated
	@echo "size"; scripts/check-size

.PHONY: screenshots
screenshots: modules install-test-tools ## Take pictures of every page in every state into DIR, with a contact sheet
	scripts/screenshots $(DIR)

.PHONY: bench
bench: build install-test-tools ## Measure the hot paths against their ceilings, as ratios
	scripts/with-postgres bash -c 'bin/jieling bench --db "$$JIELING_TEST_PG"'

.PHONY: generate
generate: modules ## Write generated Go anew, from .templ pages and go:generate lines
	$(TOOL) templ generate -log-level warn
	go generate ./...

.PHONY: format
format: modules ## Format all Go files and .templ pages
	$(TOOL) gofumpt -w $$(scripts/check-format --list)
	$(TOOL) templ fmt -log-level warn .

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin

.PHONY: install-test-tools
install-test-tools:
	@scripts/install-test-tools

# A module proxy may fail for a moment; a build that stops there tells nothing.
.PHONY: modules
modules:
	@for attempt in 1 2 3; do \
		go mod download && go mod download -modfile=tools/go.mod && exit 0; \
		echo "Downloading modules failed (attempt $$attempt of 3)." >&2; \
		sleep $$((attempt * 5)); \
	done; \
	echo "Check the network and GOPROXY (now $$(go env GOPROXY)), then try again." >&2; exit 1
