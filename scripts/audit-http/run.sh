#!/usr/bin/env bash
# run.sh [URL [AUTHORIZATION]]: runs the server audits of graphql-http (npm, the
# version in package.json) and ends with "61 ok". The URL and the whole
# Authorization header are else those of GATEWAY_URL and GATEWAY_STAFF; without any
# the demo is started for it. run.sh --fetch fetches the audits and ends. Needs node
# and npm.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
url="${1:-${GATEWAY_URL:-}}"
authorization="${2:-${GATEWAY_STAFF:-}}"
[ "$url" = --fetch ] || [ -n "$url" ] || exec "$here/../with-demo.sh" "$here/run.sh"

home="${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/audit-http"
mkdir -p "$home"
cp "$here/package.json" "$here/package-lock.json" "$here/audit.mjs" "$home/"
# Fetched once for a package-lock.json.
if ! cmp -s "$home/package-lock.json" "$home/node_modules/.installed"; then
  (cd "$home" && npm ci --silent --no-audit --no-fund >&2)
  cp "$home/package-lock.json" "$home/node_modules/.installed"
fi
[ "$url" != --fetch ] || exit 0
node "$home/audit.mjs" "$url" "$authorization"
