#!/bin/sh
# Fetches GraphiQL and React from the npm registry and puts the few files that
# the explorer serves into internal/server/explorer/assets, compressed so that they are
# the same bytes every time. Run it only to take another version; the files are
# part of the source. Needs npm and gzip.
set -eu

graphiql=graphiql@3.9.0
react=react@18.3.1
react_dom=react-dom@18.3.1

root=$(cd "$(dirname "$0")/.." && pwd)
assets=$root/internal/server/explorer/assets
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch PACKAGE FOLDER unpacks a package of the registry.
fetch() {
	mkdir -p "$work/$2"
	(cd "$work" && tar -xzf "$(npm pack --silent "$1")" -C "$2" --strip-components 1)
}

# keep FILE NAME stores a file compressed, without name and time.
keep() {
	# The maps that the last lines name are not shipped.
	sed '/^\/\/# sourceMappingURL=/d; s|/\*# sourceMappingURL=[^*]*\*/||' "$1" | gzip -9n >"$assets/$2.gz"
}

fetch "$graphiql" graphiql
fetch "$react" react
fetch "$react_dom" react-dom

mkdir -p "$assets"
keep "$work/graphiql/graphiql.min.js" graphiql.min.js
keep "$work/graphiql/graphiql.min.css" graphiql.min.css
keep "$work/react/umd/react.production.min.js" react.production.min.js
keep "$work/react-dom/umd/react-dom.production.min.js" react-dom.production.min.js

{
	echo "The files in this folder are builds of these packages of the npm registry, as"
	echo "they are but for the line that names a source map, compressed, each under the"
	echo "licence below it. scripts/explorer.sh puts them here. graphiql.min.css holds the"
	echo "fonts Roboto (Apache License 2.0) and Fira Code (SIL Open Font License 1.1)."
	for package in graphiql react react-dom; do
		echo
		echo "== $package $(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$work/$package/package.json")"
		echo
		cat "$work/$package/LICENSE"
	done
} >"$assets/NOTICE"
