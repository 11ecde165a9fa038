#!/bin/sh
# msgspec 0.22.0: a field of type `Raw | None` takes null and nothing else. `Raw` alone takes any JSON value; joined with
# None it refuses objects, lists, strings and numbers as if only None had been named. So a body's part cannot be kept as
# raw JSON and be left out at the same time; a default of `Raw(b"null")` with the type `Raw` does both.
# Seen: "Expected `null`, got `object` - at `$.area`". Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "msgspec==${1:-0.22.0}"
"$folder/venv/bin/python" - <<'END'
import sys

import msgspec


class Joined(msgspec.Struct):
    area: msgspec.Raw | None = None


class Alone(msgspec.Struct):
    area: msgspec.Raw = msgspec.Raw(b"null")


assert bytes(msgspec.json.decode(b'{"area": {"a": 1}}', type=Alone).area) == b'{"a": 1}'
assert bytes(msgspec.json.decode(b"{}", type=Alone).area) == b"null"
refused = 0
for value in (b"{}", b"[]", b'"a"', b"1"):
    try:
        msgspec.json.decode(b'{"area": ' + value + b"}", type=Joined)
    except msgspec.ValidationError as error:
        print(f"msgspec {msgspec.__version__}: {value.decode()}: {error}")
        refused += 1
sys.exit(refused != 4)
END
