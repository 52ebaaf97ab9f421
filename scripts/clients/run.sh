#!/usr/bin/env bash
# run.sh [PART...]: real clients with their caches against the built program; see
# CONTRIBUTING.md, "Clients". Prints one line a check and ends with
# "N ok, M failed", and 1 if any failed. run.sh --fetch fetches their packages and
# ends. Needs go, node 20 or newer with npm, python3 with venv, and Chromium. PROGRAM is
# a program that was built already.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
export REPOSITORY="${here%/scripts/clients}"

need() { command -v "$1" >/dev/null || { echo "clients: no $1: install $2" >&2; exit 1; }; }
need go "Go (go.mod names the version)"
need node "node 20 or newer (apt-get install nodejs)"
need npm "npm (apt-get install npm)"
need python3 "Python 3 (apt-get install python3 python3-venv)"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' || { echo "clients: node $(node --version) is too old: install node 20 or newer" >&2; exit 1; }
if [ -z "${CHROMIUM_BIN:-}" ]; then
  CHROMIUM_BIN="$(command -v chromium || command -v chromium-browser || command -v google-chrome)" || { echo "clients: no Chromium: install it (apt-get install chromium) or set CHROMIUM_BIN" >&2; exit 1; }
fi
export CHROMIUM_BIN

# What npm and pip fetch is kept outside of the checkout, for a state of the lock files.
cache="${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/clients"
mkdir -p "$cache"
exec 9>"$cache/lock" && flock 9
if ! cmp -s "$here/package-lock.json" "$cache/node_modules/.installed"; then
  cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$cache/"
  (cd "$cache" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2)
  cp "$here/package-lock.json" "$cache/node_modules/.installed"
fi
if ! cmp -s "$here/requirements.txt" "$cache/python/.installed"; then
  rm -rf "$cache/python"
  python3 -m venv "$cache/python" || { echo "clients: python3 has no venv: install python3-venv" >&2; exit 1; }
  "$cache/python/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$cache/python/.installed"
fi
flock -u 9
[ "${1:-}" != --fetch ] || exit 0
export PYTHON="$cache/python/bin/python"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
if [ -z "${PROGRAM:-}" ]; then
  export PROGRAM="$work/gateway"
  (cd "$REPOSITORY" && go build -o "$PROGRAM" ./cmd/gateway)
fi
cp -r "$here/." "$work/"
ln -s "$cache/node_modules" "$work/node_modules"
cd "$work"
node main.mjs "$@"
