#!/usr/bin/env bash
# verify.sh PROGRAM BACKEND DIRECTORY [--steady] LAB...: brings each lab up, verifies it, checks its routes and takes it down.
# Leaves LAB.json and LAB.status.json in DIRECTORY. Fails where a lab does not come up or its routes are not the planned.
set -euo pipefail
program=$1 backend=$2 directory=$3
shift 3
steady=()
if [ "$1" = --steady ]; then
    steady=(--steady)
    shift
fi
for lab in "$@"; do
    "$program" up "$lab" --backend "$backend" >"$directory/log" 2>&1 || { cat "$directory/log" >&2; exit 1; }
    "$program" status "$lab" --json >"$directory/$lab.status.json"
    # It fails where a path does; which, its result tells.
    "$program" verify "$lab" "${steady[@]}" --json >"$directory/$lab.json" || [ -s "$directory/$lab.json" ]
    "$program" status "$lab" --check >"$directory/log" 2>&1 || { cat "$directory/log" >&2; exit 1; }
    "$program" down "$lab" >/dev/null
done
