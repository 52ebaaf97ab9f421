#!/usr/bin/env bash
# A real Vendure for tests, on 127.0.0.1, with customers, orders, carts and keys.
#
#   run.sh [up] [FOLDER]   installs what is missing, starts the shop unless it runs
#                          already, seeds it, and prints one line of JSON:
#                          {"url", "credentials_file", "pid"}
#   run.sh stop [FOLDER]   stops it
#
# FOLDER holds everything that it makes and must be outside the checkout; default
# ${XDG_CACHE_HOME:-~/.cache}/customer360-gateway/shops/vendure. PORT (3100),
# CUSTOMERS (20); RESET=1 starts from an empty shop. Needs node 20 or newer with npm,
# curl, tar, and the npm registry the first time. Vendure is under the GPL 3: it is
# fetched for tests and is no part of this project.
#
# Files for who uses the shop, readable by their owner only: credentials (an API key
# that may read customers, orders and the catalogue), credentials-bearer (the same
# rights as a session's token), credentials-limited (a key that may read customers
# alone).
set -euo pipefail

command=${1:-up}
folder=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/shops/vendure}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PORT="${PORT:-3100}" VENDURE_DISABLE_TELEMETRY=1
url="http://127.0.0.1:$PORT"
version=3.7.3

# running says whether the process in server.pid is the shop.
running() {
	[ -s server.pid ] && ps -p "$(cat server.pid)" -o args= 2>/dev/null | grep -q "server.js"
}

stop() {
	if running; then
		local pid
		pid=$(cat server.pid)
		kill "$pid"
		for _ in $(seq 1 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
		kill -9 "$pid" 2>/dev/null || true
	fi
	rm -f server.pid server.port
}

install() {
	cp "$source"/*.js .
	if [ ! -d node_modules ] || ! cmp -s "$source/package.json" package.json; then
		cp "$source/package.json" package.json.new
		rm -f package.json package-lock.json
		cp package.json.new package.json
		npm install --no-audit --no-fund --loglevel=error >&2 || { rm -f package.json; exit 1; }
		rm -f package.json.new
	fi
	if [ ! -s products.noassets.csv ] || [ ! -s initial-data.json ]; then
		local tarball
		tarball=$(npm pack --silent "@vendure/create@$version")
		tar -xzf "$tarball" package/assets/products.csv package/assets/initial-data.json
		node strip-assets.js package/assets/products.csv products.new
		mv package/assets/initial-data.json initial-data.json
		mv products.new products.noassets.csv
		rm -rf package "$tarball"
	fi
	if [ ! -f populated ]; then # An earlier try may have left half a shop.
		rm -f shop.sqlite seeded credentials*
		node populate.js >populate.log 2>&1 || { tail -20 populate.log >&2; exit 1; }
		touch populated
	fi
}

start() {
	nohup node server.js >server.log 2>&1 </dev/null &
	echo $! >server.pid
	echo "$PORT" >server.port
	for _ in $(seq 1 480); do
		curl -sf "$url/health" >/dev/null && return
		running || break
		sleep 0.5
	done
	tail -20 server.log >&2
	echo "the shop does not start" >&2
	exit 1
}

case $command in
up | stop) ;;
*) echo "usage: $0 [up|stop] [FOLDER]" >&2; exit 2 ;;
esac
mkdir -p "$folder"
cd "$folder"
case $PWD/ in
"$(cd "$source/../../.." && pwd)"/*)
	echo "$PWD is inside the checkout" >&2
	exit 2
	;;
esac
if [ "$command" = stop ]; then
	stop
	exit
fi
if [ "${RESET:-}" = 1 ]; then
	stop
	rm -f populated
fi
if running && [ "$(cat server.port 2>/dev/null)" != "$PORT" ]; then stop; fi
if ! running; then
	if curl -sf "$url/health" >/dev/null; then
		echo "something else answers on port $PORT" >&2
		exit 1
	fi
	install
	start
fi
VENDURE_URL="$url" node seed.js "${CUSTOMERS:-20}" >&2
printf '{"url":"%s","credentials_file":"%s","pid":%s}\n' "$url" "$PWD/credentials" "$(cat server.pid)"
