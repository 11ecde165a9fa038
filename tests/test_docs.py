"""What the pages say of the tree is true: every file that they name exists, and every link leads somewhere."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The changelog tells of files as they were.
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")} - {ROOT / "CHANGELOG.md"})

_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"(?:[\w.-]+/)*[\w-]+\.(?:py|sql|toml|json|svg|lock)")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def files_of_the_tree() -> Iterator[str]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not name.startswith((".", "__", "node_modules"))]
        yield from (Path(folder, name).relative_to(ROOT).as_posix() for name in names)


def named_files(text: str) -> Iterator[str]:
    """Files in backticks: `geo/index.py`, or a bare `index.py` of the same room as the file before it."""
    for code in _CODE.findall(text):
        if _FILE.fullmatch(code):
            yield code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_and_links_of_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    files = frozenset(files_of_the_tree())
    names = {Path(file).name for file in files}
    missing = [name for name in named_files(text) if (name not in files if "/" in name else name not in names)]
    missing += [link for link in _LINK.findall(text) if "://" not in link and not (page.parent / link).exists()]
    assert not missing
