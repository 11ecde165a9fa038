"""What was bought at a till, and how much of it has been given back. Values only.

Amounts are in minor units of the program's currency.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ids import MemberId, ProgramId, PurchaseId, ScanId, StoreId, TillId


class Item(msgspec.Struct, frozen=True):
    """One line of the bill; `amount` is that of the whole line."""

    name: str
    quantity: int
    amount: int
    code: str | None = None


class Basket(msgspec.Struct, frozen=True):
    """What was bought. `amount` is what points are counted from, whatever the items come to."""

    receipt: str
    amount: int
    items: Sequence[Item]


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """`scan_id`: of the scan that it was reported with."""

    id: PurchaseId
    member_id: MemberId
    program_id: ProgramId
    store_id: StoreId
    till_id: TillId
    scan_id: ScanId
    basket: Basket
    purchased_at: datetime


class RefundState(msgspec.Struct, frozen=True):
    """What a purchase came to, and how much of it has been given back in all."""

    amount: int
    refunded: int


class PurchaseAmount(msgspec.Struct, frozen=True):
    """What a member has paid for a purchase, without what was given back."""

    member_id: MemberId
    at: datetime
    amount: int


class SpendTotal(msgspec.Struct, frozen=True):
    """What a member has bought in all."""

    purchase_count: int
    """How many purchases."""
    amount: int
    """What they came to, without what was given back, in minor units of the program's currency."""
