"""What was bought at a till, and how much of it has been given back. Values only.

Amounts are in minor units of the program's currency.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ids import MemberId, ProgramId, PurchaseId, ScanId, StoreId, TillId


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the bill; `amount` is that of the whole line. `quantity`: pieces, or what the scales say.

    `returned_quantity`, `returned_amount`: how much of it has come back since.
    """

    name: str
    quantity: float
    amount: int
    code: str | None = None
    category: str | None = None
    returned_quantity: float = 0
    returned_amount: int = 0


class Basket(msgspec.Struct, frozen=True):
    """What was bought. `amount` is what points are counted from, whatever the items come to.

    `bill_amount`: of the whole bill, where several members share it; None: all of it is this member's.
    """

    receipt: str
    amount: int
    items: Sequence[Item]
    bill_amount: int | None = None

    @property
    def whole_amount(self) -> int:
        return self.amount if self.bill_amount is None else self.bill_amount


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
    """What a purchase came to, and how much of it has been given back in all.

    `is_fully_refunded`: nothing of it stands. The amounts do not tell, since a free item comes to 0. `refunded_untold`:
    how much of what was given back came without its lines. `items`: the lines of the bill, as far as they were told.
    """

    amount: int
    refunded: int
    is_fully_refunded: bool
    refunded_untold: int = 0
    items: Sequence[Item] = ()

    @property
    def left(self) -> int:
        return self.amount - self.refunded


class PurchaseAmount(msgspec.Struct, frozen=True):
    """What a member has paid for a purchase, without what was given back."""

    member_id: MemberId
    at: datetime
    amount: int


class SpendTotal(msgspec.Struct, frozen=True):
    """What a member has bought in all."""

    purchase_count: int
    """How many purchases, without those that were given back whole."""
    amount: int
    """What they came to, without what was given back, in minor units of the program's currency."""
