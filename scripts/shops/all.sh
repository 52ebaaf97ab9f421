#!/usr/bin/env bash
# Starts the shops that the tests ask: a real Vendure, a real Medusa and the mock
# of Shopify, each on 127.0.0.1 and filled with the same 20 customers.
#
#   eval "$(scripts/shops/all.sh start)"   starts them and sets what the tests read
#   scripts/shops/all.sh stop              stops them
#
# Everything that is fetched or made lies outside of the checkout, in
# ${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/shops (Medusa's database in
# /var/tmp). Ports: VENDURE_PORT (3100), MEDUSA_PORT (9000), PGPORT (55432),
# SHOPIFY_PORT (3200). RESET=1 starts from empty shops. Needs node 20 or newer with
# npm, curl and PostgreSQL, and the npm registry the first time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PGPORT="${PGPORT:-55432}"

vendure() { PORT="${VENDURE_PORT:-3100}" "$here/vendure/run.sh" "$1"; }
# Several packages' tests ask the mock at once: its bucket is as large as for each alone.
shopify() { PORT="${SHOPIFY_PORT:-3200}" MAX="${MAX:-1000000}" RATE="${RATE:-100000}" "$here/shopify-mock/run.sh" "$1"; }
medusa() {
  local command=run
  [ "$1" = stop ] && command=stop
  PORT="${MEDUSA_PORT:-9000}" "$here/medusa/$command.sh"
}

# begin NAME FUNCTION: starts a shop and prints what the tests read of it.
begin() {
  local start=$SECONDS line
  line=$("$2" "$3" | tail -n 1)
  node -e '
    const [name, line] = process.argv.slice(1), shop = JSON.parse(line);
    console.log(`export ${name}_URL=${shop.url} ${name}_CREDENTIALS=${shop.credentials_file}`);
    if (shop.schema) console.log(`export ${name}_SCHEMA=${shop.schema}`);
  ' "$1" "$line"
  echo "$1 is up after $((SECONDS - start)) s" >&2
}

case "${1:-}" in
start)
  # Side by side: most of it is waiting, for packages and for the shops to begin.
  settings=$(mktemp -d)
  trap 'rm -rf "$settings"' EXIT
  pids=()
  begin SHOPIFY shopify start >"$settings/1" & pids+=($!)
  begin VENDURE vendure up >"$settings/2" & pids+=($!)
  begin MEDUSA medusa start >"$settings/3" & pids+=($!)
  failed=0
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  [ "$failed" = 0 ] || exit 1
  cat "$settings"/*
  ;;
stop)
  shopify stop
  vendure stop
  medusa stop
  ;;
*)
  sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
  exit 2
  ;;
esac
