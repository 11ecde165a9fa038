"""A statement as a tree (sqlglot), read for what ties its tables to a member.

Only what holds for every row ties: an equation that stands alone or behind AND, of columns, rows of columns,
`IN (SELECT …)`, `= ANY ($1)`, USING, and what a subquery, a CTE or `unnest` hands on. One behind OR or NOT does not.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, pairwise
from typing import cast

from sqlglot import exp, parse_one
from sqlglot.expressions import Expr

from devtools.shards.sources import Cell, Scope, Source, Ties


class Statement:
    """`sources`: the tables, each as often as it stands there. `locks`: it holds rows until the commit."""

    def __init__(self, text: str, columns: Mapping[str, Sequence[str]]) -> None:
        """`columns`: those of each table. Raises sqlglot.errors.ParseError."""
        self.ties = Ties()
        self.sources: list[Source] = []
        self.written: list[str] = []
        self.tree = parse_one(text, dialect="postgres")
        self.locks = any(select.args.get("locks") for select in self.tree.find_all(exp.Select))
        self._columns = columns
        self._numbers = count()
        if isinstance(self.tree, exp.Command):  # LOCK TABLE and the like
            words = str(self.tree.expression).replace(",", " ").split()
            self.sources = [self._table(word) for word in words if word in columns]
        else:
            self._read(self.tree, Scope(None, {}))

    def _read(self, node: Expr, around: Scope) -> Source:
        """What a query answers with, as a source of the query around it."""
        scope = Scope(around, self._read_ctes(node, around))
        if isinstance(node, exp.Subquery | exp.Paren):
            return self._read(node.this, scope)
        if isinstance(node, exp.SetOperation):
            return self._unite(self._read(node.left, scope), self._read(node.right, scope))
        if isinstance(node, exp.Insert):
            self._read_insert(node, scope)
        elif isinstance(node, exp.Update | exp.Delete):
            self._read_change(node, scope)
        elif isinstance(node, exp.Select):
            return self._read_select(node, scope)
        returning = node.args.get("returning")
        return self._project(returning.expressions if returning else [], scope)

    def _read_ctes(self, node: Expr, around: Scope) -> dict[str, Source]:
        ctes = dict(around.ctes)
        clause = node.args.get("with_")
        if clause is None:
            return ctes
        for cte in clause.expressions:
            names = tuple(column.name for column in cte.args["alias"].args.get("columns") or ())
            if clause.args.get("recursive"):  # it may read itself
                ctes[cte.alias] = Source(next(self._numbers), names)
            source = self._read(cte.this, Scope(around, ctes))
            ctes[cte.alias] = self._rename(source, names)
        return ctes

    def _unite(self, left: Source, right: Source) -> Source:
        united = Source(next(self._numbers), left.columns)
        for column, one, other in zip(united.columns, left.columns, right.columns, strict=True):
            self.ties.unite(united.cell(column), left.cell(one), right.cell(other))
        return united

    def _rename(self, source: Source, names: Sequence[str]) -> Source:
        if not names:
            return source
        renamed = Source(next(self._numbers), (*names, *source.columns[len(names) :]))
        for name, column in zip(renamed.columns, source.columns, strict=False):
            self.ties.tie(renamed.cell(name), source.cell(column))
        return renamed

    # SELECT

    def _read_select(self, node: exp.Select, scope: Scope) -> Source:
        clause = node.args.get("from_")
        if clause:
            self._add(clause.this, scope)
        for joined in [*(node.args.get("joins") or ()), *(node.args.get("laterals") or ())]:
            self._join(joined, scope)
        for key in ("where", "having"):
            if node.args.get(key):
                self._hold(node.args[key].this, scope)
        for key in ("group", "order", "limit", "offset", "distinct"):
            self._look_into(node.args.get(key), scope)
        return self._project(node.expressions, scope)

    def _join(self, join: Expr, scope: Scope) -> None:
        if not isinstance(join, exp.Join):
            return self._add(join, scope)
        before = list(scope.sources.values())
        self._add(join.this, scope)
        added = [source for source in scope.sources.values() if source not in before]
        for column in join.args.get("using") or ():
            equal = [source for source in before + added if column.name in source.columns]
            for one, other in pairwise(equal):
                self.ties.tie(one.cell(column.name), other.cell(column.name))
        if join.args.get("on"):
            self._hold(join.args["on"], scope)
        return None

    def _add(self, node: Expr, scope: Scope) -> None:
        alias = node.args.get("alias")
        names = tuple(column.name for column in (alias.args.get("columns") or () if alias else ()))
        inner = node.this if isinstance(node, exp.Table | exp.Lateral) else node
        if isinstance(node, exp.Subquery) or isinstance(inner, exp.Subquery):
            source = self._rename(self._read(inner, scope), names)
        elif isinstance(inner, exp.Unnest):
            source = self._unnest(inner, names or ((node.alias,) if node.alias else ()))
        elif isinstance(inner, exp.Identifier):
            source = self._rename(scope.ctes.get(node.name) or self._enter(node.name), names)
        else:
            self._look_into(inner, scope)
            source = Source(next(self._numbers), names)
        scope.sources[node.alias_or_name or f"#{source.number}"] = source
        for joined in node.args.get("joins") or ():
            self._join(joined, scope)

    def _enter(self, name: str) -> Source:
        self.sources.append(self._table(name))
        return self.sources[-1]

    def _table(self, name: str) -> Source:
        return Source(next(self._numbers), tuple(self._columns.get(name, ())), name)

    def _unnest(self, node: exp.Unnest, names: Sequence[str]) -> Source:
        unnamed = [f"#{place}" for place in range(len(names), len(node.expressions))]
        source = Source(next(self._numbers), (*names, *unnamed))
        for name, item in zip(source.columns, node.expressions, strict=False):
            self.ties.tie(source.cell(name), _parameter(item, "list"))
        return source

    def _project(self, expressions: Sequence[Expr], scope: Scope) -> Source:
        cells: list[tuple[str, Cell | None]] = []
        for node in expressions:
            if node.is_star:
                named = [source for name, source in scope.sources.items() if node.text("table") in {"", name}]
                cells += [(column, source.cell(column)) for source in named for column in source.columns]
            else:
                inner = node.this if isinstance(node, exp.Alias) else node
                cells.append((node.alias_or_name or f"#{len(cells)}", self._cell(inner, scope)))
        names = [name for name, _ in cells]
        # A second column of one name can be known by its place only.
        columns = tuple(f"#{place}" if name in names[:place] else name for place, name in enumerate(names))
        source = Source(next(self._numbers), columns)
        for column, (_, cell) in zip(columns, cells, strict=True):
            self.ties.tie(source.cell(column), cell)
        return source

    # What holds for every row

    def _hold(self, condition: Expr, scope: Scope) -> None:
        for part in _conjuncts(condition):
            if isinstance(part, exp.EQ):
                self._equate(part.left, part.right, scope)
            elif isinstance(part, exp.In) and part.args.get("query"):
                self._equate(part.this, part.args["query"], scope)
            else:
                self._look_into(part, scope)

    def _equate(self, left: Expr, right: Expr, scope: Scope) -> None:
        left, right = _bare(left), _bare(right)
        if isinstance(right, exp.Any):
            right = _bare(right.this)
            if listed := _parameter(right, "list"):
                return self.ties.tie(self._cell(left, scope), listed)
        lefts = left.expressions if isinstance(left, exp.Tuple) else [left]
        if isinstance(right, exp.Query):
            source = self._read(right, scope)
            for one, column in zip(lefts, source.columns, strict=False):
                self.ties.tie(self._cell(one, scope), source.cell(column))
            return None
        rights = right.expressions if isinstance(right, exp.Tuple) else [right]
        for one, other in zip(lefts, rights, strict=True):
            self.ties.tie(self._cell(one, scope), self._cell(other, scope))
        return None

    def _cell(self, node: Expr, scope: Scope) -> Cell | None:
        node = _bare(node)
        if isinstance(node, exp.Column):
            return scope.find(node.table, node.name)
        if isinstance(node, exp.Unnest | exp.Explode):
            return _parameter(node.expressions[0] if node.expressions else node.this, "list")
        self._look_into(node, scope)
        return _parameter(node, "one")

    def _look_into(self, node: Expr | None, scope: Scope) -> None:
        """Subqueries that stand in an expression: what they hold of their own ties them, what is asked of them not."""
        if isinstance(node, exp.Query):
            self._read(node, scope)
        elif node is not None:
            for inner in node.iter_expressions():
                self._look_into(inner, scope)

    # Writes

    def _read_insert(self, node: exp.Insert, scope: Scope) -> None:
        schema = node.this
        columns = [column.name for column in schema.expressions] if isinstance(schema, exp.Schema) else []
        target = self._target(schema.this if isinstance(schema, exp.Schema) else schema, scope)
        if isinstance(node.expression, exp.Values):
            for row in node.expression.expressions:
                for column, value in zip(columns, row.expressions, strict=True):
                    self.ties.tie(target.cell(column), self._cell(value, scope))
        elif node.expression is not None:
            source = self._read(node.expression, Scope(None, scope.ctes))
            for column, name in zip(columns, source.columns, strict=False):
                self.ties.tie(target.cell(column), source.cell(name))
        self._look_into(node.args.get("conflict"), scope)

    def _read_change(self, node: exp.Update | exp.Delete, scope: Scope) -> None:
        self._target(node.this, scope)
        clause = node.args.get("from_")
        for added in [*([clause.this] if clause else ()), *(node.args.get("using") or ())]:
            self._add(added, scope)
        for assignment in node.expressions:
            self._look_into(assignment.args.get("expression"), scope)
        if node.args.get("where"):
            self._hold(node.args["where"].this, scope)

    def _target(self, node: Expr, scope: Scope) -> Source:
        self.written.append(node.name)
        source = self._enter(node.name)
        scope.sources[node.alias_or_name] = source
        return source


def _conjuncts(condition: Expr) -> Iterator[Expr]:
    condition = _bare(condition)
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    else:
        yield condition


def _bare(node: Expr) -> Expr:
    while isinstance(node, exp.Paren | exp.Cast):
        node = cast("Expr", node.this)
    return node


def _parameter(node: Expr, kind: str) -> Cell | None:
    node = _bare(node)
    return (kind, node.sql()) if isinstance(node, exp.Parameter) else None
