#!/usr/bin/env bash
# run.sh [-update]: compares how variables are coerced with graphql-js (npm, the version
# in package.json) on the corpus of graph/document; -update writes down what graphql-js
# says. Needs node and npm.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
home="${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/graphql-js"
mkdir -p "$home"
cp "$here/package.json" "$here/package-lock.json" "$here/coerce.mjs" "$home/"
# Fetched once for a package-lock.json.
if ! cmp -s "$home/package-lock.json" "$home/node_modules/.installed"; then
  (cd "$home" && npm ci --silent --no-audit --no-fund >&2)
  cp "$home/package-lock.json" "$home/node_modules/.installed"
fi
cd "$here/../.."
GRAPHQL_JS="$home/coerce.mjs" "${GO:-go}" test ./graph/document -count=1 -v -run TestAgreesWithGraphQLJS "$@"
