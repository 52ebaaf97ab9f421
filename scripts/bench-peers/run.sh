#!/usr/bin/env bash
# run.sh [SECONDS [ROUNDS [ONLY]]]: the gateway beside its peers on one real MongoDB; see
# docs/benchmarks.md, "Beside peers". Builds them, starts them, asks each in turn with
# wrk, prints medians as tables, and 1 if anything was answered with an error or
# otherwise than the gateway answers it. ONLY names parts (peers, callers, sqlite) and
# queries (Q1 to Q7), joined by commas.
#
# Needs Linux with two cores, Go, node 20 or newer with npm, Python 3, and wrk, which it
# installs with apt-get where that may.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."

need() { command -v "$1" >/dev/null || { echo "bench-peers: no $1: install $2" >&2; exit 1; }; }
need "${GO:=go}" "Go (go.mod names the version)"
need node "node 20 or newer (apt-get install nodejs)"
need npm "npm (apt-get install npm)"
need python3 "Python 3 (apt-get install python3)"
need taskset "util-linux (apt-get install util-linux)"
[ "$(nproc)" -ge 2 ] || { echo "bench-peers: needs two cores, one for the server that is asked" >&2; exit 1; }
command -v wrk >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends wrk; } >&2
need wrk "wrk (apt-get install wrk)"

# What npm fetches is kept outside of the checkout, for a state of the lock file.
cache="${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/bench-peers"
mkdir -p "$cache"
cp "$here/peers/package.json" "$here/peers/package-lock.json" "$here/peers/.npmrc" "$cache/"
if ! cmp -s "$cache/package-lock.json" "$cache/node_modules/.installed"; then
  (cd "$cache" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2)
  cp "$cache/package-lock.json" "$cache/node_modules/.installed"
fi

BENCH_BUILT="$(mktemp -d)"
trap 'rm -rf "$BENCH_BUILT"' EXIT
"$GO" build -o "$BENCH_BUILT/gateway" ./cmd/gateway
(cd "$here/gohandler" && "$GO" build -o "$BENCH_BUILT/gohandler" .)
MONGOD="${MONGOD_BIN:-$(scripts/mongod.sh)}"
# Python would write its bytecode into the checkout.
export PYTHONDONTWRITEBYTECODE=1
export BENCH_BUILT MONGOD NODE_ENV=production NODE_PATH="$cache/node_modules"
python3 "$here/bench.py" "${1:-8}" "${2:-3}" "${3:-}"
