"""An audience's conditions as a form: groups of rows, with `and` between and `or` within, or the other way round.

Each row is one condition, or `not` one. What lies deeper, or says what no field can, stays as it is in its row. No I/O.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from audiences.tree import Tree
from server.console.campaigns.form_parts import Json, Shown
from server.console.campaigns.typed import Fault, Typed, shown

MAX_GROUPS, MAX_ROWS = 12, 8
# A field of a row: the end of its name, the name in the condition, and how it is written.
_Field = tuple[str, str, str]
_RANGE: tuple[_Field, ...] = (("least", "at_least", "number"), ("most", "at_most", "number"))
_DAYS: tuple[_Field, ...] = (("least", "at_least_days", "number"), ("most", "at_most_days", "number"))
_PLACE_AND_TIME: tuple[_Field, ...] = (("within", "within_days", "number"), ("stores", "store_ids", "stores"))
KINDS: Mapping[str, tuple[_Field, ...]] = {
    "last_visit": _DAYS,
    "visits": (*_RANGE, *_PLACE_AND_TIME),
    "visit_cycle": _DAYS,
    "last_purchase": _DAYS,
    "purchases": (
        ("measure", "measure", "word"),
        *_RANGE,
        *_PLACE_AND_TIME,
        ("items", "item_codes", "words"),
        ("values", "categories", "words"),
    ),
    "joined": _DAYS,
    "home_store": (("stores", "is_one_of", "stores"),),
    "points": _RANGE,
    "rank": (("values", "is_one_of", "words"),),
    "stamps": (("card", "card", "word"), *_RANGE),
    "coupon": (("state", "state", "word"), ("campaign", "campaign_id", "word")),
    "tag": (("values", "is_one_of", "words"),),
    "age": _RANGE,
    "birthday": _DAYS,
    "attribute": (("key", "key", "word"), ("values", "is_one_of", "words")),
    "reachable": (("by", "by", "word"),),
    "consent": (("purpose", "purpose", "word"),),
    "platform": (("values", "is_one_of", "words"),),
    "audience": (("audience", "audience_id", "word"),),
}
_OTHER = {"and": "or", "or": "and"}


class ReadTree(msgspec.Struct, frozen=True):
    """`tree` None: there are faults, by field. `places`: of each path of the tree the row that it came of."""

    tree: Tree | None
    faults: Mapping[str, Fault]
    places: Mapping[str, str] = {}


def show_tree(tree: Json | None, codes: Mapping[str, str]) -> Shown:
    """`codes`: of stores, by their ids."""
    joint, groups = _split(tree)
    fields = shown({"joint": joint})
    for group, rows in enumerate(groups):
        for place, row in enumerate(rows):
            fields |= _show_row(f"g{group}r{place}_", row, codes)
    return fields


def _split(tree: Json | None) -> tuple[str, list[list[Json]]]:
    if tree is None:
        return "and", []
    if tree["type"] not in _OTHER:
        return "and", [[tree]]
    joint = tree["type"]
    return joint, [each["of"] if each["type"] == _OTHER[joint] else [each] for each in tree["of"]]


def _show_row(name: str, node: Json, codes: Mapping[str, str]) -> Shown:
    leaf = node["of"] if node["type"] == "not" else node
    fields = shown({f"{name}not": node["type"] == "not", f"{name}type": leaf["type"]})
    for end, key, how in KINDS.get(leaf["type"], ()):
        fields |= shown({f"{name}{end}": _write(leaf.get(key), how, codes)})
    by_code = {code: store_id for store_id, code in codes.items()}
    try:
        is_whole = _plain(_read_row(Typed(fields), name, by_code) or {}) == _plain(node)
    except Fault:
        is_whole = False
    if is_whole:
        return fields
    return shown({f"{name}type": "kept", f"{name}kept": msgspec.json.encode(node).decode()})


def _plain(node: Json) -> Json:
    return {
        key: _plain(value) if isinstance(value, dict) else value
        for key, value in node.items()
        if value is not None and (key, value) != ("at_least_days", 0) and key != "version"
    }


def _write(value: Any, how: str, codes: Mapping[str, str]) -> object:
    if value is None:
        return None
    if how == "stores":
        return "\n".join(codes.get(each, each) for each in value)
    if how == "words":
        return "\n".join(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def rows_of(fields: Shown | Mapping[str, Sequence[str]]) -> list[list[int]]:
    """Which rows each group shows: those that say something, and an empty one; and an empty group at the end."""
    groups: list[list[int]] = []
    for group in range(MAX_GROUPS):
        used = [place for place in range(MAX_ROWS) if any(fields.get(f"g{group}r{place}_type", [""]))]
        if used:
            groups.append([*used, max(used) + 1] if max(used) + 1 < MAX_ROWS else used)
        else:
            groups.append([0])
            break
    return groups


def read_tree(typed: Typed, by_code: Mapping[str, str]) -> ReadTree:
    joint = typed.one("joint", "and")
    inner = _OTHER.get(joint, "or")
    faults: dict[str, Fault] = {}
    groups: list[tuple[str, list[Json], list[str]]] = []
    for group in range(MAX_GROUPS):
        rows, names = [], []
        for place in range(MAX_ROWS):
            name = f"g{group}r{place}_"
            try:
                row = _read_row(typed, name, by_code)
            except Fault as fault:
                faults[fault.field] = fault
                continue
            if row is not None:
                rows.append(row)
                names.append(name)
        if rows:
            groups.append((f"g{group}", rows, names))
    if faults:
        return ReadTree(None, faults)
    if not groups:
        return ReadTree(None, {"g0r0_type": Fault("g0r0_type", "no_condition")})
    return _join(joint if joint in _OTHER else "and", inner, groups)


def _join(joint: str, inner: str, groups: Sequence[tuple[str, list[Json], list[str]]]) -> ReadTree:
    places: dict[str, str] = {}
    nodes = []
    for number, (_, rows, names) in enumerate(groups):
        at = "tree" if len(groups) == 1 else f"tree.of[{number}]"
        for place, name in enumerate(names):
            places[at if len(rows) == 1 else f"{at}.of[{place}]"] = name
        nodes.append(rows[0] if len(rows) == 1 else {"type": inner, "of": rows})
    whole = nodes[0] if len(nodes) == 1 else {"type": joint, "of": nodes}
    try:
        tree: Tree = msgspec.convert(whole, Tree)
    except msgspec.ValidationError as error:
        _, _, at = str(error).partition(" - at `$")
        fault = place_in_tree(f"tree{at.rstrip('`')}", places, "bad_condition")
        return ReadTree(None, {fault.field: fault})
    return ReadTree(tree, {}, places)


def place_in_tree(path: str, places: Mapping[str, str], word: str, **values: str) -> Fault:
    """The row that a path of the tree, or of something in it, came of."""
    name = max(
        (each for each in places if path == each or path.startswith((f"{each}.", f"{each}["))), key=len, default=""
    )
    return Fault(f"{places[name]}type" if name else "form", word, **values)


def _read_row(typed: Typed, name: str, by_code: Mapping[str, str]) -> Json | None:
    """None: nothing is said in it. Raises Fault."""
    kind = typed.one(f"{name}type")
    if not kind:
        return None
    if kind == "kept":
        return _read_kept(typed, name)
    if kind not in KINDS:
        raise Fault(f"{name}type", "unknown_choice")
    leaf: Json = {"type": kind}
    for end, key, how in KINDS[kind]:
        value = _read_field(typed, f"{name}{end}", how, by_code)
        if value is not None:
            leaf[key] = value
    return {"type": "not", "of": leaf} if typed.is_on(f"{name}not") else leaf


def _read_kept(typed: Typed, name: str) -> Json:
    try:
        kept: Json = msgspec.json.decode(typed.one(f"{name}kept"), type=dict[str, Any])
        msgspec.convert(kept, Tree)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise Fault(f"{name}type", "bad_condition") from None
    return kept


def _read_field(typed: Typed, name: str, how: str, by_code: Mapping[str, str]) -> object:
    if how == "number":
        return typed.number(name)
    if how == "word":
        return typed.one(name) or None
    words = typed.lines(name)
    if how == "words":
        return words or None
    if unknown := [code for code in words if code not in by_code]:
        raise Fault(name, "unknown_store", text=unknown[0][:40])
    return [by_code[code] for code in words] or None
