#!/bin/sh
# fastkml 1.4.0: the altitude of a position is optional in KML, one by one. Where some positions of a ring have one and
# others have none, the placemark is read without a word and has no geometry at all, so a shop's area is gone.
# Seen: None; with all altitudes or with none the polygon is there. Exits 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "fastkml==${1:-1.4.0}"
"$folder/venv/bin/python" -W ignore - <<'END_OF_PYTHON'
import sys

from fastkml import KML
from fastkml.features import Placemark
from fastkml.utils import find_all


def read(coordinates: str) -> object:
    ring = f"<LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
    polygon = f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>a</name>{polygon}</Placemark></kml>'
    return next(find_all(KML.from_string(text), of_type=Placemark)).geometry


plain = read("0,0 1,0 1,1 0,0")
full = read("0,0,5 1,0,5 1,1,5 0,0,5")
mixed = read("0,0 1,0,5 1,1 0,0")
print("no altitude:", plain, "| all:", full, "| some:", mixed)
assert plain is not None and full is not None
sys.exit(mixed is not None)
END_OF_PYTHON
