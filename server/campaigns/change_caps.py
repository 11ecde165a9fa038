"""A campaign's caps move within what has been issued; whether there is one never changes.

A process whose snapshot is older issues by budgets too, so it can pass no cap that was moved; but it would not know of
a cap that is new.
"""

from coupons.campaigns.campaign import Campaign
from coupons.issuing.budgets_repository import move_caps
from kit.database import Connection
from server.problems import Problem

_CAPS = ("cap", "store_cap", "day_cap", "store_day_cap")


async def change_caps(conn: Connection, old: Campaign, new: Campaign) -> None:
    """Of the budgets; the campaign itself is written afterwards. Raises Problem."""
    moved = [(name, getattr(old, name), getattr(new, name)) for name in _CAPS]
    for name, before, after in moved:
        if before is None and after is not None:
            raise Problem("cap-immutable", f"Leave out {name}, or write a new campaign: this one was written without.")
        if before is not None and after is None:
            raise Problem("cap-immutable", f"Give a {name}, or write a new campaign: this one was written with one.")
    if any(before != after for _, before, after in moved) and not await move_caps(conn, new):
        raise Problem(
            "cap-below-issued",
            "Give a cap of at least the number of coupons that the campaign has issued, and a store_cap of at least"
            " what has been issued at any of its stores.",
        )
