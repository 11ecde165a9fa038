"""One SQL statement over members as it is being written: its arguments and its joins. Pure.

It reads `member_facts f`, and what else is needed is joined as `m` (members) and `p` (profiles). `$1` is the program.
"""

from audiences.moment import Moment
from audiences.tree import PurchaseTotal, VisitCount

_JOINS = {
    "m": " JOIN members m ON m.member_id = f.member_id",
    "p": " LEFT JOIN profiles p ON p.member_id = f.member_id",
}


class Statement:
    def __init__(self, arguments: list[object], moment: Moment, *, is_of_few: bool = False) -> None:
        """`is_of_few`: of so few members that what is beside the facts is looked up for each, and no set is read."""
        self.arguments = arguments
        self.moment = moment
        self.is_of_few = is_of_few
        self._joins: set[str] = set()

    def bind(self, value: object, type_name: str) -> str:
        """The place of an argument: no value ever stands in the text."""
        self.arguments.append(value)
        return f"${len(self.arguments)}::{type_name}"

    def join(self, name: str) -> None:
        self._joins.add(name)

    @property
    def source(self) -> str:
        """What stands behind FROM."""
        return "member_facts f" + "".join(_JOINS[name] for name in sorted(self._joins))

    def exists(self, rows: str) -> str:
        """Whether there is one of `rows`, which name `f.member_id`. Of few members each is looked up by its index: with
        an OFFSET the planner has no choice to read a set of them all instead, which it takes for cheaper.
        """
        return f"EXISTS (SELECT FROM {rows}{' OFFSET 0' if self.is_of_few else ''})"

    def between(self, value: str, at_least: object, at_most: object, type_name: str) -> str:
        """Null where the value is."""
        tests = [f"{value} >= {self.bind(at_least, type_name)}"] if at_least is not None else []
        tests += [f"{value} <= {self.bind(at_most, type_name)}"] if at_most is not None else []
        return "(" + " AND ".join(tests) + ")"

    def days_ago(self, column: str, at_least_days: int | None, at_most_days: int | None) -> str:
        """Of a column that holds moments."""
        moment, tests = self.moment, []
        if at_least_days is not None:
            tests.append(f"{column} < {self.bind(moment.start_of_day_ago(at_least_days - 1), 'timestamptz')}")
        if at_most_days is not None:
            tests.append(f"{column} >= {self.bind(moment.start_of_day_ago(at_most_days), 'timestamptz')}")
        return "(" + " AND ".join(tests) + ")"

    def at_stores(self, column: str, leaf: VisitCount | PurchaseTotal) -> str:
        return "" if leaf.store_ids is None else f" AND {column} = ANY ({self.bind(leaf.store_ids, 'uuid[]')})"
