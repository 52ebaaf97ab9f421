#!/usr/bin/env bash
# Stops what run.sh has started, the shop and then its PostgreSQL, and waits until
# they have ended: scripts/shops/medusa/stop.sh [WORK], with the same PORT and STATE.
set -euo pipefail
. "$(dirname "$0")/common.sh"

if [ -f "$state/server.pid" ]; then
  pid="$(cat "$state/server.pid")"
  if [ "$(ps -o args= -p "$pid" 2>/dev/null | grep -c medusa)" != 0 ]; then
    kill "$pid"
    for _ in $(seq 1 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -0 "$pid" 2>/dev/null && kill -9 "$pid"
  fi
  rm -f "$state/server.pid"
fi
if [ -z "${KEEP_POSTGRESQL:-}" ] && [ -f "$state/postgresql/data/postmaster.pid" ] && pg="$(postgres_bin)"; then
  as_postgres "$pg/pg_ctl" -D "$state/postgresql/data" -m fast -w stop >/dev/null || say "PostgreSQL was not running"
fi
