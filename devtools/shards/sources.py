"""What stands in a FROM clause, and which columns are equal to which."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

# A column of a source, or a parameter: ("one", "$1") is a value, ("list", "$1") is one of many.
Cell: TypeAlias = tuple[int | str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A table as it stands once in a statement, a subquery or an unnested list. Of other functions nothing is known."""

    number: int
    columns: tuple[str, ...]
    table: str | None = None

    def cell(self, column: str) -> Cell:
        return self.number, column


@dataclass(slots=True)
class Scope:
    """What the columns of one SELECT may name: its own sources, then those around it."""

    around: "Scope | None"
    ctes: dict[str, Source]
    sources: dict[str, Source] = field(default_factory=dict)

    def find(self, table: str, column: str) -> Cell | None:
        for source in self._named(table):
            if column in source.columns:
                return source.cell(column)
        return self.around.find(table, column) if self.around else None

    def _named(self, table: str) -> Iterator[Source]:
        if not table:
            yield from self.sources.values()
        elif table in self.sources:
            yield self.sources[table]


class Ties:
    """Which cells are equal to each other: sets that are united, as by Tarjan's union-find.

    A column of a UNION is equal to that of either branch, which are not equal to each other: it stands apart.
    """

    def __init__(self) -> None:
        self._above: dict[Cell, Cell] = {}
        self._unions: list[tuple[Cell, tuple[Cell, Cell]]] = []

    def tie(self, one: Cell | None, other: Cell | None) -> None:
        if one is not None and other is not None:
            self._above[self._top(one)] = self._top(other)

    def unite(self, united: Cell, left: Cell, right: Cell) -> None:
        self._unions.append((united, (left, right)))

    def given(self, cell: Cell) -> frozenset[Cell]:
        """The parameters by which it is known; none where it may be anything."""
        return self._given(self._top(cell), frozenset())

    def _top(self, cell: Cell) -> Cell:
        """The same cell for all that are equal."""
        while (above := self._above.get(cell, cell)) != cell:
            cell = above
        return cell

    def _given(self, top: Cell, seen: frozenset[Cell]) -> frozenset[Cell]:
        equal = {top, *(cell for cell in self._above if self._top(cell) == top)}
        found = frozenset(cell for cell in equal if isinstance(cell[0], str))
        if found or top in seen:
            return found
        seen |= {top}
        for united, branches in self._unions:
            if not equal.isdisjoint(branches) and (around := self._given(self._top(united), seen)):
                return around
            if united in equal and all(inner := [self._given(self._top(branch), seen) for branch in branches]):
                return frozenset().union(*inner)
        return found
