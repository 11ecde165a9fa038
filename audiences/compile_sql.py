"""From a tree to the condition of one SQL statement, which is true, false or null of each member. Pure.

SQL's AND, OR and NOT with NULL are Kleene's logic; so a leaf only has to be null where it is unknown.
"""

from collections.abc import Mapping, Sequence

import msgspec

from audiences import tree as t
from audiences.attributes import Definitions
from audiences.estimate import end_of_part
from audiences.leaf_conditions import leaf_condition
from audiences.moment import Moment
from audiences.profiling import is_profiling
from audiences.statement import Statement
from audiences.walk import ROOT
from ids import ProgramId, StoreId


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    """`condition`: of the whole tree. `population`: who is judged.
    `unknowable`: by its path, the condition of each leaf that can be unknown.
    `arguments`: from `$1` on, which is the program. `source`: what stands behind FROM. `home_stores`: as asked for.
    """

    condition: str
    population: str
    unknowable: Mapping[str, str]
    arguments: list[object]
    source: str
    home_stores: Sequence[StoreId] | None


def compile_tree(
    tree: t.Tree,
    program_id: ProgramId,
    moment: Moment,
    definitions: Definitions,
    home_stores: Sequence[StoreId] | None = None,
    parts: int = 1,
) -> Compiled:
    """References to other audiences are resolved before. The text holds no word of the tree: all are bound.

    `home_stores`: only the members who joined there are judged. `parts`, a power of two: only one of so many
    equal parts of them (`audiences.estimate`).
    """
    statement = Statement([program_id], moment, is_of_few=parts > 1)
    unknowable: dict[str, str] = {}

    def write(node: t.Tree, path: str) -> str:
        if isinstance(node, t.AllOf | t.AnyOf):
            word = " AND " if isinstance(node, t.AllOf) else " OR "
            return "(" + word.join(write(each, f"{path}.of[{place}]") for place, each in enumerate(node.of)) + ")"
        if isinstance(node, t.Not):
            return f"(NOT {write(node.of, f'{path}.of')})"
        sql = leaf_condition(statement, node, definitions)
        if is_profiling(node, definitions):
            sql = f"(CASE WHEN f.may_profile THEN {sql} END)"
        if is_profiling(node, definitions) or isinstance(node, _UNKNOWABLE):
            unknowable[path] = sql
        return sql

    condition = write(tree, ROOT)
    population = "f.program_id = $1 AND f.is_active"
    if home_stores is not None:
        population += f" AND f.home_store_id = ANY ({statement.bind(home_stores, 'uuid[]')})"
    if parts > 1:
        population += f" AND uuid_hash(f.member_id) < {end_of_part(parts)}"
    return Compiled(
        condition=condition,
        population=population,
        unknowable=unknowable,
        arguments=statement.arguments,
        source=statement.source,
        home_stores=home_stores,
    )


# Besides what is for profiling.
_UNKNOWABLE = (t.AttributeIs, t.BirthdayIn, t.HomeStoreIs, t.InArea)
