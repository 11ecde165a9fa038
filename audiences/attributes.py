"""What an audience must know of an attribute to ask for it. Pure.

The attributes themselves are the package `members`'.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

AttributeKind = Literal["text", "number", "date", "yes_no", "one_of", "many_of"]


class AttributeDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """`choices`: the keys that a choice may have. `is_own`: the program's own, which profiles hold by its key."""

    key: str
    kind: AttributeKind
    choices: frozenset[str] = frozenset()
    is_profiling: bool
    is_removed: bool = False
    is_own: bool


Definitions: TypeAlias = Mapping[str, AttributeDefinition]
