# What run.sh and stop.sh have in common. Sourced, not run.
# shellcheck shell=bash

PORT="${PORT:-9000}"
PGPORT="${PGPORT:-55432}"
# The npm tree, kept from run to run.
work="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/shops/medusa}"
# Everything of one shop: database, key, pid, logs. PostgreSQL does not run as
# root, and another user must be able to reach its folder.
state="${STATE:-/var/tmp/customer360-gateway-medusa-$PORT}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

say() { echo "medusa: $*" >&2; }
die() { say "$*"; exit 1; }

# postgres_bin prints the folder of PostgreSQL's programs.
postgres_bin() {
  local dir
  for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(pg_config --bindir 2>/dev/null || true)"; do
    if [ -x "$dir/initdb" ]; then echo "$dir"; return; fi
  done
  return 1
}

# as_postgres runs a program as who owns the cluster: the user postgres if root
# asks, else whoever asks. Where that user cannot read /etc/passwd (it is 0600 in
# some containers) initdb finds no name for itself; libnss-wrapper gives it one.
as_postgres() {
  if [ "$(id -u)" != 0 ]; then "$@"; return; fi
  if runuser -u postgres -- id -un >/dev/null 2>&1; then
    (cd / && runuser -u postgres -- "$@")
    return
  fi
  local wrapper
  wrapper="$(ls /usr/lib/*/libnss_wrapper.so 2>/dev/null | head -n 1)"
  [ -n "$wrapper" ] || die "the user postgres cannot read /etc/passwd: install libnss-wrapper"
  getent passwd postgres > "$state/passwd"
  getent group postgres > "$state/group"
  chmod 0644 "$state/passwd" "$state/group"
  (cd / && runuser -u postgres -- env "LD_PRELOAD=$wrapper" "NSS_WRAPPER_PASSWD=$state/passwd" \
    "NSS_WRAPPER_GROUP=$state/group" "$@")
}
