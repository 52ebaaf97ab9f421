# One word for each thing a contributor does. See CONTRIBUTING.md.
GO ?= go
BIN ?= bin

.PHONY: build test race race-flags lint generate mongod shops shops-stop bench bench-peers diff-random matrix attacks attacks-search attacks-beside audit-http clients coercion fuzz roundtrip measure ci

build:
	$(GO) build -o $(BIN)/gateway ./cmd/gateway

# The README's test command. Without MongoDB its suite says that it did not run.
test:
	$(GO) test ./...

# SQLite itself, C that was translated to Go, is compiled without the detector, which would
# take most of its time there: it works on memory of its own, and the detector still sees
# the mutexes that it takes and the driver in front of it.
RACE_FLAGS := -race -gcflags=modernc.org/sqlite/lib=-race=false

race:
	$(GO) test $(RACE_FLAGS) ./...

race-flags:
	@echo $(RACE_FLAGS)

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

# The gateway beside a handler by hand, Mercurius and Apollo Server: about 20 minutes. ONLY
# names parts and queries, such as peers,Q4; SECONDS=1 ROUNDS=1 checks that all of it runs
# and that the answers are the same.
bench-peers: SECONDS = 8
bench-peers: ROUNDS = 3
bench-peers:
	@GO="$(GO)" scripts/bench-peers/run.sh $(SECONDS) $(ROUNDS) "$(ONLY)"

# Random documents, as every kind of caller, of a store that fails: what runs levels must
# answer as gqlgen's executor does. SEED=7 DOCUMENTS=1 is what a difference says of its
# document.
DOCUMENTS ?= 20000
SEED ?= $(shell date +%s)
diff-random:
	@echo "SEED=$(SEED) DOCUMENTS=$(DOCUMENTS)"
	SEED=$(SEED) DOCUMENTS=$(DOCUMENTS) $(GO) test ./resolvers -run TestRandomDocuments -count=1 -timeout 2h -v

# Every way to every object, tried by callers who must not get there.
matrix:
	@scripts/matrix.sh

# Documents and bodies made to exhaust the gateway: what each costs it.
attacks:
	@scripts/attacks.sh

# SEARCH=5000: so many random documents that are answered, and what each costs beside its
# points, on a machine that does nothing else; about ten minutes.
SEARCH ?= 5000
attacks-search:
	SEARCH=$(SEARCH) $(GO) test ./internal/test/attacks -run TestSearchForCheapDocuments -count=1 -timeout 60m -v

# 64 connections of each of the dearest documents, beside one caller of a dashboard.
attacks-beside:
	MEASURE=1 $(GO) test ./internal/test/attacks -run TestWorstBesideOneCaller -count=1 -timeout 30m -v

# The server audits of graphql-http against the program.
audit-http:
	@scripts/audit-http/run.sh

# Real clients with normalized caches, generators and a browser against the program;
# PARTS names some of the parts of scripts/clients/main.mjs.
clients:
	@scripts/clients/run.sh $(PARTS)

# How variables are coerced, compared with graphql-js.
coercion:
	@GO="$(GO)" scripts/graphql-js/run.sh

# FUZZTIME=1m: random requests to the whole handler, random bytes to the codecs of records
# and as variables.
FUZZTIME ?= 1m
fuzz:
	$(GO) test ./cmd/gateway -run '^$$' -fuzz FuzzRequest -fuzztime $(FUZZTIME) -fuzzminimizetime 10x
	$(GO) test ./graph/document -run '^$$' -fuzz FuzzCoerce -fuzztime 15s -fuzzminimizetime 10x
	$(GO) test ./internal/record -run '^$$' -fuzz FuzzDecode -fuzztime 15s -fuzzminimizetime 10x

# ROUNDS=300: random and awkward records through every writer into a store of each
# kind, and back by its dump. A few rounds are part of make test.
ROUNDS ?= 300
roundtrip:
	$(GO) test ./internal/test/roundtrip -count=1 -timeout 3h -rapid.checks=$(ROUNDS) -rapid.seed=0

# What only a machine that does nothing else can tell. The status is go test's, not grep's.
measure: SHELL := /bin/bash
measure:
	@set -o pipefail; MEASURE=1 $(GO) test -count=1 -v -run 'TestNoisy' ./cmd/gateway ./internal/server | grep -E 'times as long|_test\.go:|^(---|ok|FAIL|PASS)'
	$(GO) test -run '^$$' -bench Guards -benchtime 40x ./cmd/gateway

ci:
	.ci/run
