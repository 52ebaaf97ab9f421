# One word for each thing a contributor does. See CONTRIBUTING.md.
GO ?= go
BIN ?= bin

.PHONY: build test race lint generate mongod shops shops-stop bench ci

build:
	$(GO) build -o $(BIN)/gateway ./cmd/gateway

# The README's test command. Without MongoDB its suite says that it did not run.
test:
	$(GO) test ./...

race:
	$(GO) test -race ./...

lint:
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.0 run ./...

generate:
	$(GO) generate ./...

# Fetches a real MongoDB server for the tests (once) and prints its path.
mongod:
	@scripts/mongod.sh

# Starts the shops of the tests and prints what to set for them: eval "$$(make -s shops)"
shops:
	@scripts/shops/all.sh start

shops-stop:
	@scripts/shops/all.sh stop

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

ci:
	.ci/run
