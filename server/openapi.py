"""`./run write openapi` writes openapi/openapi.json; `--check` compares it with what the code describes."""

import sys
from pathlib import Path

import msgspec

from server.app import create_app
from server.settings import Settings

PATH = Path(__file__).resolve().parent.parent / "openapi" / "openapi.json"


def describe() -> str:
    """The document as it is committed. Needs no database."""
    app = create_app(Settings(database_url="", secret_key=b""))
    text = msgspec.json.encode(app.openapi_schema.to_schema(), order="sorted")
    return msgspec.json.format(text, indent=2).decode() + "\n"


def main() -> int:
    if "--check" not in sys.argv[1:]:
        PATH.parent.mkdir(exist_ok=True)
        PATH.write_text(describe(), encoding="utf-8")
        return 0
    if not PATH.exists() or PATH.read_text(encoding="utf-8") != describe():
        print("openapi/openapi.json is not what the code describes: run './run write openapi'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
