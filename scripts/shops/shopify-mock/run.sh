#!/usr/bin/env bash
# Starts the mock of Shopify's Admin GraphQL API on 127.0.0.1 and prints one line
# of JSON: {"url","credentials_file","pid","schema"}. See README.md.
#   run.sh [start]   fetch what is missing, start (again), say where
#   run.sh stop      stop the one that was started
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${SHOPIFY_MOCK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/shops/shopify-mock}
port=${PORT:-3200}
version=2026-07
package=@shopify/dev-mcp@1.16.0
pidfile=$work/mock-$port.pid
credentials=$work/token
schema=$work/schema/admin_$version.json.gz

stop() {
  [ -f "$pidfile" ] || return 0
  local pid
  pid=$(cat "$pidfile")
  # The pid may be somebody else's by now: only this mock is stopped.
  if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q shopify-mock; then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 1 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  fi
  rm -f "$pidfile"
}

mkdir -p "$work/schema"
stop
if [ "${1:-start}" = stop ]; then exit 0; fi

cp "$here/package.json" "$work/package.json"
if [ ! -d "$work/node_modules/graphql" ]; then
  (cd "$work" && npm install --no-audit --no-fund --silent) >&2
fi
if [ ! -f "$schema" ]; then
  fetch=$(mktemp -d "$work/fetch.XXXXXX")
  (cd "$fetch" && tar -xzf "$(npm pack --silent $package)" "package/dist/data/admin_$version.json.gz") >&2
  mv "$fetch/package/dist/data/admin_$version.json.gz" "$schema"
  rm -rf "$fetch"
fi
token=${TOKEN:-shpat_mock}
(umask 077 && printf '%s\n' "$token" >"$credentials")
chmod 600 "$credentials"

log=$work/mock-$port.log
TOKEN=$token SCHEMA=$schema PORT=$port NODE_PATH=$work/node_modules \
  nohup node "$here/mock.js" shopify-mock >"$log" 2>&1 </dev/null &
pid=$!
echo "$pid" >"$pidfile"
for _ in $(seq 1 100); do
  grep -q READY "$log" && break
  kill -0 "$pid" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.1
done
grep -q READY "$log" || { echo "the mock does not get ready" >&2; cat "$log" >&2; stop; exit 1; }
printf '{"url":"http://127.0.0.1:%s","credentials_file":"%s","pid":%s,"schema":"%s"}\n' "$port" "$credentials" "$pid" "$schema"
