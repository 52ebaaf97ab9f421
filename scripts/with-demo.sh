#!/usr/bin/env bash
# with-demo.sh COMMAND...: builds the gateway, starts its demo on a free port, runs
# COMMAND with GATEWAY_URL, GATEWAY_STAFF, GATEWAY_PARTNER and GATEWAY_PORTAL (whole
# Authorization headers) and GATEWAY_PID, and ends the demo.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
pid=""
finish() {
  [ -z "$pid" ] || { kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; } || true
  rm -rf "$work"
}
trap finish EXIT
go build -o "$work/gateway" ./cmd/gateway
"$work/gateway" demo --json --listen 127.0.0.1:0 >"$work/ready" 2>"$work/log" &
pid=$!
for _ in $(seq 600); do
  [ -s "$work/ready" ] && break
  kill -0 "$pid" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/ready"; }
GATEWAY_URL="$(field graphql)" GATEWAY_STAFF="$(field staff)" GATEWAY_PARTNER="$(field partner)" GATEWAY_PORTAL="$(field portal)" \
  GATEWAY_PID="$pid" "$@"
