"""What is wrong with a tree, and where: the limits, the ranges, the attributes. Pure."""

from collections.abc import Mapping

import shapely

from audiences import tree as t
from audiences.attributes import AttributeDefinition, AttributeKind, Definitions
from audiences.walk import Extent, walk

MAX_NODES = 200
MAX_DEPTH = 12
# With all audiences that it refers to.
MAX_RESOLVED_NODES = 2000
MAX_RESOLVED_DEPTH = 100


class AudienceFault(Exception):
    """`path`: of the node, such as `tree.of[1]`. `detail`: what to do about it."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


def require_sound(tree: t.Tree, definitions: Definitions) -> None:
    """Raises AudienceFault for the first fault in the order of writing."""
    require_small(tree)
    for path, _, node in walk(tree):
        _require_range(path, node)
        if isinstance(node, t.AttributeIs):
            _require_attribute(path, node, definitions)
        elif isinstance(node, t.InArea):
            _require_area(path, node)


def require_small(tree: t.Tree) -> None:
    for count, (path, depth, _) in enumerate(walk(tree), 1):
        if count > MAX_NODES:
            raise AudienceFault(path, f"Write at most {MAX_NODES} conditions and joints; this is one more.")
        if depth > MAX_DEPTH:
            raise AudienceFault(path, f"Nest conditions at most {MAX_DEPTH} deep; this lies deeper.")


def require_small_resolved(extent: Extent) -> None:
    if extent.nodes > MAX_RESOLVED_NODES:
        raise AudienceFault(
            "tree",
            f"With all audiences that it refers to it has more than {MAX_RESOLVED_NODES} conditions: refer to fewer.",
        )
    if extent.depth > MAX_RESOLVED_DEPTH:
        raise AudienceFault(
            "tree",
            f"With all audiences that it refers to it is nested more than {MAX_RESOLVED_DEPTH} deep: refer to audiences"
            " that refer to fewer.",
        )


_RANGES: Mapping[type, tuple[str, str]] = {
    t.AgeIs: ("at_least", "at_most"),
    t.BirthdayIn: ("at_least_days", "at_most_days"),
    t.VisitCount: ("at_least", "at_most"),
    t.LastVisit: ("at_least_days", "at_most_days"),
    t.VisitCycle: ("at_least_days", "at_most_days"),
    t.PurchaseTotal: ("at_least", "at_most"),
    t.LastPurchase: ("at_least_days", "at_most_days"),
    t.PointsHeld: ("at_least", "at_most"),
    t.StampsHeld: ("at_least", "at_most"),
    t.JoinedAgo: ("at_least_days", "at_most_days"),
}


def _require_range(path: str, node: t.Tree) -> None:
    names = _RANGES.get(type(node))
    if names is not None:
        _require_ordered(path, node, *names)


def _require_ordered(path: str, node: t.Tree, low_name: str, high_name: str) -> None:
    low, high = getattr(node, low_name), getattr(node, high_name)
    if low is None and high is None:
        raise AudienceFault(path, f"Give {low_name}, {high_name} or both.")
    if low is not None and high is not None and low > high:
        raise AudienceFault(path, f"Give {high_name} of at least {low_name}: between them there is nothing.")


# The fields that a kind takes.
_FIELDS: Mapping[AttributeKind, tuple[str, ...]] = {
    "text": ("is_one_of", "starts_with"),
    "number": ("at_least", "at_most"),
    "date": ("from_day", "to_day"),
    "yes_no": ("is_yes",),
    "one_of": ("is_one_of",),
    "many_of": ("is_one_of",),
}
_ALL_FIELDS = ("is_one_of", "starts_with", "at_least", "at_most", "from_day", "to_day", "is_yes")


def _require_attribute(path: str, leaf: t.AttributeIs, definitions: Definitions) -> None:
    definition = definitions.get(leaf.key)
    if definition is None:
        raise AudienceFault(f"{path}.key", "Name an attribute of the program, or a standard one; there is none such.")
    if definition.is_removed:
        raise AudienceFault(f"{path}.key", "Name an attribute that is in use: this one was removed.")
    taken = _FIELDS[definition.kind]
    for field in _ALL_FIELDS:
        if getattr(leaf, field) is not None and field not in taken:
            raise AudienceFault(
                f"{path}.{field}", f"Give {' or '.join(taken)}: the attribute's kind is {definition.kind}."
            )
    if all(getattr(leaf, field) is None for field in taken):
        raise AudienceFault(path, f"Give {' or '.join(taken)}: the attribute's kind is {definition.kind}.")
    if definition.kind in ("number", "date"):
        _require_ordered(path, leaf, *taken)
    _require_choices(path, leaf, definition)


def _require_choices(path: str, leaf: t.AttributeIs, definition: AttributeDefinition) -> None:
    if definition.kind not in ("one_of", "many_of"):
        return
    for place, each in enumerate(leaf.is_one_of or ()):
        if each not in definition.choices:
            raise AudienceFault(f"{path}.is_one_of[{place}]", "Name one of the attribute's choices; this is none.")


def _require_area(path: str, leaf: t.InArea) -> None:
    given = [name for name in ("polygon", "store_id", "center") if getattr(leaf, name) is not None]
    if len(given) != 1:
        raise AudienceFault(path, "Give one of polygon, store_id and center.")
    if (leaf.radius_m is None) is (leaf.polygon is None):
        raise AudienceFault(path, "Give radius_m with store_id or center, and none with a polygon.")
    for name, corners in (("center", [leaf.center] if leaf.center else []), ("polygon", leaf.polygon or [])):
        if any(abs(corner[1]) > 90 for corner in corners):
            raise AudienceFault(f"{path}.{name}", "Give longitude and then latitude, which is at most 90 degrees.")
    if leaf.polygon is not None:
        _require_polygon(f"{path}.polygon", leaf.polygon)


def _require_polygon(path: str, corners: list[list[float]]) -> None:
    if corners[0] != corners[-1]:
        raise AudienceFault(path, "Close the polygon: its last corner is the first once more.")
    if not shapely.Polygon(corners).is_valid:
        raise AudienceFault(path, "Give a polygon whose edges do not cross or touch each other.")
