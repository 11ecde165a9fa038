"""Good bodies and secrets spoilt at one place each."""

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.support.world import (
    Json,
)

Path = tuple[str | int, ...]


class Leaf(NamedTuple):
    at: Path
    value: object


def leaves(body: Any, at: Path = ()) -> Iterator[Leaf]:
    """Every value of a JSON body that holds no other."""
    if isinstance(body, dict | list):
        items = body.items() if isinstance(body, dict) else enumerate(body)
        for name, value in items:
            yield from leaves(value, (*at, name))
    else:
        yield Leaf(at, body)


def objects(body: Any, at: Path = ()) -> Iterator[Path]:
    """Where in a body its objects are."""
    if isinstance(body, dict):
        yield at
    if isinstance(body, dict | list):
        items = body.items() if isinstance(body, dict) else enumerate(body)
        for name, value in items:
            yield from objects(value, (*at, name))


def spoilt(body: Json, at: Path, value: object) -> Json:
    """A copy with another value there."""
    changed = copy.deepcopy(body)
    inner: Any = changed
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = value
    return changed


def forged(secret: str) -> str:
    """The same but for one letter, ten before the end: the last ones may hold bits that count for nothing or are 0."""
    return secret[:-10] + ("B" if secret[-10] == "A" else "A") + secret[-9:]
