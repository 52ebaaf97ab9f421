#!/usr/bin/env bash
# matrix.sh: asks for everything as everybody, switches every rule of access off in
# turn, and ends with what was found: N paths, 0 leaks, K rules disabled, K caught.
set -euo pipefail
cd "$(dirname "$0")/.."
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
MATRIX=1 go test ./internal/test/matrix -run TestMatrix -count=1 -timeout 30m -v >"$log" 2>&1 || { grep -vE '^=== ' "$log" | cut -c1-500; exit 1; }
grep -E '^ +matrix_test.go.*without' "$log" | cut -c1-200
grep -E '^[0-9]+ paths, 0 leaks, ([0-9]+) rules disabled, \1 caught$' "$log"
