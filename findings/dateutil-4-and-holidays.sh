#!/bin/sh
# python-dateutil 4.0.0 and holidays 0.109, each the newest of its kind, cannot be had together: holidays asks for a
# python-dateutil below 3. Who reads recurrence rules by the one gets public holidays elsewhere.
# Seen: the installer finds no solution; each alone is installed. Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet python-dateutil==4.0.0
"$folder/venv/bin/pip" install --quiet --no-deps "holidays==${1:-0.109}"
"$folder/venv/bin/pip" check || true
if "$folder/venv/bin/pip" install --quiet --dry-run --ignore-installed python-dateutil==4.0.0 "holidays==${1:-0.109}" 2>"$folder/told"; then
    echo "they go together now"
    exit 1
fi
grep -i -m 1 "conflict" "$folder/told"
