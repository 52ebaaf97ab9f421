#!/usr/bin/env bash
# Starts a real Medusa 2.21.2 with a throw-away PostgreSQL of its own and fills it:
#
#   scripts/shops/medusa/run.sh [WORK]
#
# WORK holds the npm tree (450 MB) and may be kept or thrown away; it is
# ${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/shops/medusa by default. The
# shop itself is in STATE (/var/tmp/customer360-gateway-medusa-$PORT by default).
# PORT (9000) and PGPORT (55432) are where they listen, on the loopback alone.
# CUSTOMERS (20) is how many the new shop has. RESET=1 begins with a new shop.
#
# It needs node 20 or newer, curl, PostgreSQL's programs (Debian: postgresql; as
# root it installs them) and, once, the npm registry. The last line of its output
# is JSON: where the shop is, the file with its secret key, and its process.
set -euo pipefail
. "$(dirname "$0")/common.sh"

umask 022
mkdir -p "$work" "$state"
[ -O "$state" ] || die "$state belongs to another user"
[ "${RESET:-}" = 1 ] && { STATE="$state" "$here/stop.sh" "$work"; rm -rf "${state:?}"; mkdir -p "$state"; }
work="$(cd "$work" && pwd)"
url="http://127.0.0.1:$PORT"
credentials="$state/credentials"

install_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "install PostgreSQL first (Debian: postgresql)"
  say "installing $*"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >"$state/apt.log" 2>&1 ||
    die "apt-get failed, see $state/apt.log"
}

# The shop's programs: installed again when package.json has changed.
cp -f "$here/package.json" "$here/medusa-config.js" "$here/seed.js" "$work/"
if ! cmp -s "$work/package.json" "$work/.installed"; then
  say "installing the npm packages"
  (cd "$work" && npm install --no-audit --no-fund --loglevel=error >npm.log 2>&1) || die "npm failed, see $work/npm.log"
  rm -f "$work/tables.dump"
  cp -f "$work/package.json" "$work/.installed"
fi

# PostgreSQL.
pg="$(postgres_bin)" || { install_packages postgresql; pg="$(postgres_bin)"; }
if [ "$(id -u)" = 0 ] && ! runuser -u postgres -- id -un >/dev/null 2>&1 && ! ls /usr/lib/*/libnss_wrapper.so >/dev/null 2>&1; then
  install_packages libnss-wrapper
fi
cluster="$state/postgresql"
if [ ! -f "$cluster/data/PG_VERSION" ]; then
  rm -rf "$cluster" "$credentials"
  mkdir -p "$cluster"
  [ "$(id -u)" != 0 ] || chown postgres "$cluster"
  as_postgres "$pg/initdb" -D "$cluster/data" -A trust -U postgres -E UTF8 --no-sync >"$state/initdb.log" 2>&1 ||
    die "initdb failed: $(tail -n 3 "$state/initdb.log")"
fi
if ! as_postgres "$pg/pg_ctl" -D "$cluster/data" status >/dev/null; then
  # Nothing here has to outlive a power cut.
  as_postgres "$pg/pg_ctl" -D "$cluster/data" -w -t 60 -l "$cluster/log" -o "-p $PGPORT -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories=$cluster -c fsync=off -c synchronous_commit=off -c full_page_writes=off" start >/dev/null ||
    die "PostgreSQL does not start: $(tail -n 3 "$cluster/log")"
fi
sql() { PGOPTIONS="-c client_min_messages=warning" "$pg/psql" -qAtX -h 127.0.0.1 -p "$PGPORT" -U postgres -c "$1"; }

# Medusa.
export DATABASE_URL="postgres://postgres@127.0.0.1:$PGPORT/medusa" MEDUSA_SECRET="only-for-tests"
export NODE_ENV=production MEDUSA_DISABLE_TELEMETRY=true
medusa() { (cd "$work" && exec node node_modules/.bin/medusa "$@"); }
healthy() { curl -sf -o /dev/null --max-time 2 "$url/health"; }

if [ ! -f "$credentials" ]; then # A shop that was not filled to the end begins anew.
  STATE="$state" KEEP_POSTGRESQL=1 "$here/stop.sh" "$work"
  sql "drop database if exists medusa"
  sql "create database medusa"
  # The empty shop is kept beside the npm tree: making its tables takes long.
  if [ -f "$work/tables.dump" ]; then
    "$pg/pg_restore" -h 127.0.0.1 -p "$PGPORT" -U postgres --no-owner -d medusa "$work/tables.dump"
  else
    say "creating the tables"
    medusa db:migrate --skip-scripts >"$state/migrate.log" 2>&1 || die "migration failed, see $state/migrate.log"
    medusa user -e admin@shop.test -p supersecret >"$state/user.log" 2>&1 || die "no user could be made, see $state/user.log"
    "$pg/pg_dump" -h 127.0.0.1 -p "$PGPORT" -U postgres -Fc -f "$work/tables.new" medusa
    mv "$work/tables.new" "$work/tables.dump"
  fi
fi
if ! { [ -f "$state/server.pid" ] && kill -0 "$(cat "$state/server.pid")" 2>/dev/null && healthy; }; then
  healthy && die "something else listens on $PORT"
  (cd "$work" && exec nohup node node_modules/.bin/medusa start -H 127.0.0.1 -p "$PORT" >"$state/server.log" 2>&1 </dev/null) &
  echo $! >"$state/server.pid"
  for _ in $(seq 1 240); do
    healthy && break
    kill -0 "$(cat "$state/server.pid")" 2>/dev/null || die "Medusa ended, see $state/server.log"
    sleep 0.5
  done
  healthy || die "Medusa does not answer, see $state/server.log"
fi
if [ ! -f "$credentials" ]; then
  say "filling the shop"
  (cd "$work" && MEDUSA_URL="$url" node seed.js "${CUSTOMERS:-20}" "$credentials") >&2
fi
printf '{"url":"%s","credentials_file":"%s","pid":%s}\n' "$url" "$credentials" "$(cat "$state/server.pid")"
