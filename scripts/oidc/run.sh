#!/usr/bin/env bash
# A real OpenID Connect provider for tests, in the foreground: installs it when it is
# not there yet, and becomes server.js, which says what it prints and when it ends.
#
# It is kept in ${XDG_CACHE_HOME:-~/.cache}/customer360-gateway/oidc. Needs node 20 or
# newer with npm, and the npm registry the first time. oidc-provider is under the MIT
# licence; it is fetched for tests and is no part of this project.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(cat "$source"/package.json "$source"/package-lock.json "$source"/server.js | sha256sum | cut -c1-16)
home="${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/oidc"
folder="$home/$version"

if [ ! -d "$folder" ]; then
  # The last step is a rename, so that two runs at once leave one whole folder.
  mkdir -p "$home"
  staged=$(mktemp -d "$home/new.XXXXXX")
  trap 'rm -rf "$staged"' EXIT
  cp "$source"/package.json "$source"/package-lock.json "$source"/server.js "$staged"
  (cd "$staged" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2)
  mv -T "$staged" "$folder" 2>/dev/null || [ -d "$folder" ]
  rm -rf "$staged"
fi
exec node "$folder/server.js"
