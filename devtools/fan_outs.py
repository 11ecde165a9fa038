"""Write which queries ask all shards, and how often, into docs/scale-out.md: ./run write fan-outs

The words stand behind the names of the queries; tests/test_queries.py holds them against the statements.
"""

import re
from collections import defaultdict

from devtools.bootstrap import ROOT
from devtools.own_files import find_files
from devtools.shards.reach import RATES
from kit.sql import Queries

PAGE = ROOT / "docs" / "scale-out.md"
_PLACE = re.compile(r"(?<=<!-- fan-outs -->\n).*?(?=<!-- /fan-outs -->)", re.DOTALL)


def put_in(page: str) -> str:
    """A row for each rate: the queries by their folders, since a file is one matter."""
    rows = [f"| `{rate}` | {RATES[rate]} | {_spell(files)} |\n" for rate, files in _find_fan_outs().items()]
    table = "".join(["| Rate | How often, and why | Queries |\n|---|---|---|\n", *rows])
    return _PLACE.sub(lambda _: table, page)


def _find_fan_outs() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {rate: defaultdict(list) for rate in RATES}
    for path in find_files(".sql", of_product=True):
        file = str(path.relative_to(ROOT).with_suffix(""))
        for name, reach in Queries(path).reaches.items():
            word, _, rate = reach.partition(" ")
            if word == "fan-out":
                found[rate][file].append(name)
    return {rate: files for rate, files in found.items() if files}


def _spell(files: dict[str, list[str]]) -> str:
    return "; ".join(f"{file}: {', '.join(names)}" for file, names in files.items())


def main() -> None:
    PAGE.write_text(put_in(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
