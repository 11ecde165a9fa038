"""Named queries: `-- name: find_store` opens one in a `.sql` file; its text runs to the next name or the end."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_NAME = re.compile(r"^--\s*name:\s*([a-z][a-z0-9_]*)\s*$", re.MULTILINE)


class Queries(Mapping[str, str]):
    """The queries of one file, by attribute or key: `q.find_store` is the text that asyncpg runs."""

    def __init__(self, path: Path) -> None:
        parts = _NAME.split(path.read_text(encoding="utf-8"))
        names, texts = parts[1::2], parts[2::2]
        if len(set(names)) != len(names):
            raise ValueError(f"{path}: a query name occurs twice")
        self.path = path
        self._texts = {name: text.strip().rstrip(";") for name, text in zip(names, texts, strict=True)}

    def __getattr__(self, name: str) -> str:
        try:
            return self._texts[name]
        except KeyError:
            raise AttributeError(f"{self.path.name} has no query named {name}") from None

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def load_queries(beside: str, file_name: str) -> Queries:
    """Load the queries of `file_name` in the folder of the module file `beside` (pass `__file__`)."""
    return Queries(Path(beside).parent / file_name)
