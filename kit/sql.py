"""Named queries: `-- name: find_store reference` opens one in a `.sql` file; its text runs to the next name or the end.

The word behind the name says where it runs once the database is spread over several nodes: `one`, `batch`, `reference`,
`local`, or `fan-out` with how often (docs/scale-out.md).

A query with up to four parameters may number them: `conn.fetch(QUERIES.find_store, program_id, store_id)`, where the
text says `$1` and `$2`. One with more names them: `conn.fetch(*QUERIES.insert_store(id=…, name=…))`, where the text
says `:id` and `:name`. A list for `unnest` has the name of the column that it fills.

`/* spread: AND v.member_id = ANY ($1) */` stands in the text for a spread database only (`whole_text`): it names the
shards of a table that is joined. On one machine a comment, for PostgreSQL would sort the list anew for each row.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

_NAME = re.compile(r"^--\s*name:\s*([a-z][a-z0-9_]*)(?:[ ]+([a-z -]+))?\s*$", re.MULTILINE)
# What may hold a colon or a dollar sign that opens no parameter, then the parameters. The colon of a slice `[low:high]`
# follows a word or a bracket, the colon of a parameter never does.
_TOKEN = re.compile(
    r"""
    (?<!\w)[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
    | --[^\n]* | /\*.*?\*/ | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ | :: | :=
    | (?<![\w)\]]):(?P<name>[a-z_][a-z0-9_]*)
    | \$(?P<number>\d+)
    """,
    re.VERBOSE | re.DOTALL,
)


_SPREAD = re.compile(r"/\* spread: (.*?) \*/", re.DOTALL)
# Around what stands in such a comment, while its parameters are numbered with the others.
_BEGIN, _END = "\x01", "\x02"
_WORD = re.compile(r"\s*([A-Za-z]{1,20})\b")
# Of statements as PostgreSQL takes them; a trace tells a statement by its name (kit.tracing).
_names: dict[str, str] = {}
# What a spread database takes in place of a text, where it is another.
_whole: dict[str, str] = {}


def give_name(text: str, name: str) -> str:
    """The text, which has that name from now on."""
    _names[text] = name
    return text


def name_of(text: str) -> str:
    """The name that it was given; of another statement its first word, such as COMMIT."""
    word = _WORD.match(text)
    return _names.get(text) or (word[1].upper() if word else "SQL")


def whole_text(text: str) -> str:
    """With what names the shards of joined tables, for a session of a spread database."""
    return _whole.get(text, text)


class Queries(Mapping[str, str]):
    """The queries of one file. By key: the text that PostgreSQL takes. By attribute: what to run, that text or,
    for a query with names, a function that takes all of them and returns the text and the arguments.
    """

    def __init__(self, path: Path) -> None:
        """Raises ValueError for a name that occurs twice, and for a query with both names and numbers."""
        parts = _NAME.split(path.read_text(encoding="utf-8"))
        names, reaches, texts = parts[1::3], parts[2::3], parts[3::3]
        if len(set(names)) != len(names):
            raise ValueError(f"{path}: a query name occurs twice")
        self.path = path
        self.reaches: dict[str, str] = dict(zip(names, (reach or "" for reach in reaches), strict=True))
        self._texts: dict[str, str] = {}
        for name, text in zip(names, texts, strict=True):
            if hasattr(Queries, name):
                raise ValueError(f"{path}: {name} cannot be the name of a query")
            numbered, parameters = _number(_SPREAD.sub(rf"{_BEGIN}\1{_END}", text.strip().rstrip(";")))
            plain = re.sub(f"{_BEGIN}.*?{_END}", "", numbered, flags=re.DOTALL)
            self._texts[name] = give_name(plain, f"{path.stem}.{name}")
            _whole[plain] = re.sub(f"[{_BEGIN}{_END}]", "", numbered)
            setattr(self, name, _bind(plain, parameters) if parameters else plain)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.path.name} has no query named {name}")

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def load_queries(beside: str, file_name: str) -> Queries:
    """Load the queries of `file_name` in the folder of the module file `beside` (pass `__file__`)."""
    return Queries(Path(beside).parent / file_name)


def array_text(values: Iterable[object]) -> str:
    """Plain words, ids or numbers as PostgreSQL writes an array: `unnest` takes no lists of several lengths."""
    return "{" + ",".join(map(str, values)) + "}"


def _number(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with `$1 …` for its names, and the names in that order; a name that occurs again has one number."""
    numbers: dict[str, int] = {}

    def write(token: re.Match[str]) -> str:
        if not token["name"]:
            return token[0]
        return f"${numbers.setdefault(token['name'], len(numbers) + 1)}"

    numbered = _TOKEN.sub(write, text)
    if numbers and any(token["number"] for token in _TOKEN.finditer(text)):
        raise ValueError(f"a query with names and numbers: {text}")
    return numbered, tuple(numbers)


def _bind(text: str, names: tuple[str, ...]) -> Callable[..., tuple[Any, ...]]:
    """A function, because Python's own call is cheap and refuses a name that is missing or unknown."""
    listed = ", ".join(names)
    source = f"lambda *, {listed}: ({text!r}, {listed})"
    bind = eval(source, {})  # noqa: S307 - nothing but identifiers, and a text in quotes
    return cast("Callable[..., tuple[Any, ...]]", bind)
