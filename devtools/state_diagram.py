"""Draw the table of geo.transitions into docs/geofences.md: python -m devtools.state_diagram"""

import re
from pathlib import Path

from devtools.bootstrap import ROOT
from geo.transitions import TABLE, Step

PAGE = ROOT / "docs" / "geofences.md"
_PLACE = re.compile(r"(<!-- diagram -->\n).*?(<!-- /diagram -->)", re.DOTALL)


def draw() -> str:
    """The table as a Mermaid state diagram; a step that stays and tells nothing is not drawn."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> outside"]
    for (state, shown), steps in TABLE.items():
        lines += [
            f"    {state} --> {step.to}: {shown}{_condition(step)}" + (f" / {step.kind}" if step.kind else "")
            for step in steps
            if step.kind or step.to != state
        ]
    return "\n".join([*lines, "```", ""])


def _condition(step: Step) -> str:
    return f" [{step.guard.__name__.removeprefix('is_').replace('_', ' ')}]" if step.guard else ""


def put_in(page: str) -> str:
    return _PLACE.sub(lambda found: found[1] + draw() + found[2], page)


def main(page: Path = PAGE) -> None:
    page.write_text(put_in(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
