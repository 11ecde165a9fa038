"""No file is longer than a reader keeps in mind; what is generated is read by nobody."""

from devtools.bootstrap import ROOT

MOST_LINES = 300
OTHERS = "frontend"  # where the Python is that of npm and Node.js
GENERATED = ROOT / "migrations" / "versions"


def test_no_file_has_more_than_300_lines() -> None:
    folders = [each for each in ROOT.iterdir() if each.is_dir() and not each.name.startswith((".", OTHERS))]
    files = [path for folder in folders for path in folder.rglob("*.py") if path.parent != GENERATED]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}
