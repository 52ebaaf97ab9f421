#!/usr/bin/env bash
# attacks.sh: builds the gateway, starts its demo, sends it what is made to exhaust
# it, and prints what each cost: CPU time and memory, the best of five. Linux only.
set -euo pipefail
cd "$(dirname "$0")/.."
MEASURE=1 go test ./internal/test/attacks -run TestAttacks -count=1 -v
