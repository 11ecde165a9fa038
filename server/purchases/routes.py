"""What a till reports besides scans: purchases, refunds, and points that are spent."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from ids import MemberId, ScanId
from kit.database import Connection
from purchases.purchase import Basket, Item
from purchases.receipts import read_receipt_number
from server.problems import Problem
from server.purchases.purchase import PurchaseResult, ScanReference, purchase
from server.purchases.refund import GivenBack, RefundResult, refund
from server.purchases.spend import SpendResult, spend, void
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import ServicesDependency, TillDependency
from server.web.fields import Body
from server.web.writes import write

ReceiptNumber = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=200,
        description="Unique at the store; if the numbers start again every day, put the date in. 1 to 64 printable"
        " ASCII characters; what a scanner or a keyboard adds is cleaned away (docs/card-code.md), spaces too.",
        examples=["20261121-0042"],
    ),
]
Amount = Annotated[int, msgspec.Meta(ge=1, le=10**12, description="In minor units of the program's currency.")]
BillAmount = Annotated[int, msgspec.Meta(ge=0, le=10**12, description="In minor units of the program's currency.")]
Points = Annotated[int, msgspec.Meta(ge=1, le=10**12)]


class PurchaseItem(Body, frozen=True, kw_only=True):
    """One line of the bill."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """What was bought, as it is printed on the receipt."""
    quantity: Annotated[float, msgspec.Meta(ge=-1_000_000, le=1_000_000)]
    """How many pieces, or what the scales say, such as 0.25. Below zero for an article that comes back."""
    amount: Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
    """Of the whole line, in minor units of the program's currency. Below zero for a discount or what comes back."""
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """The article's number, such as its EAN. Audiences ask for it in `item_codes`."""
    category: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """Its category, as campaigns and audiences name it in `categories`."""


class PurchaseBasket(Body, frozen=True):
    """What was bought."""

    receipt: ReceiptNumber
    """The number of the till's receipt. It counts once for a store, until the purchase is given back whole."""
    amount: BillAmount
    """The sum of the bill, in minor units of the program's currency (for yen: whole yen); 0 for what is free. Points
    are counted from it, whatever the items come to.
    """
    items: Annotated[list[PurchaseItem], msgspec.Meta(max_length=500)] = msgspec.field(default_factory=list)
    """The lines of the bill, if the till sends them."""
    bill_amount: BillAmount | None = None
    """Only where members share a bill: what all of it comes to, the same in each member's purchase, while `amount` is
    what the member pays. A member has one part, and the parts come to no more than the bill. Null: it is not shared.
    """

    def to_basket(self) -> Basket:
        """Raises Problem."""
        if self.bill_amount is not None and self.bill_amount < self.amount:
            raise Problem("invalid-request", "Give in amount the member's part of bill_amount, no more than all of it.")
        items = [Item(each.name, each.quantity, each.amount, each.code, each.category) for each in self.items]
        return Basket(_read_number("receipt", self.receipt), self.amount, items, self.bill_amount)


class ReturnedItem(Body, frozen=True, kw_only=True):
    """A line of the bill that comes back, or a part of it. It is found again by its code, else by its name."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = ""
    """What it is, as the purchase named it. It may be left out where there is a code."""
    quantity: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
    """How many pieces come back, or what the scales say."""
    amount: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    """How much is given back for them, in minor units of the program's currency."""
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """The article's number, as the purchase had it."""


class PurchaseRequest(Body, frozen=True):
    """A purchase of the member whose card was scanned at this store, at most 24 hours before or after."""

    member_id: MemberId
    """`member_id` of the answer to the scan."""
    scan_id: ScanId
    """`scan_id` of the answer to the scan."""
    purchase: PurchaseBasket
    """What was bought."""
    purchased_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """When it was bought, by the till's corrected clock; null: now. Points, stamps and ranks count from this time. A
    till that was offline reports its purchases up to 7 days later.
    """


class RefundRequest(Body, frozen=True):
    """A purchase comes back, in whole or in part."""

    receipt: ReceiptNumber
    """The receipt of the purchase."""
    refund_receipt: ReceiptNumber
    """The receipt of this refund. A store's number counts once."""
    amount: Amount | None = None
    """How much is given back, in minor units of the program's currency; null: all that is left of the purchase. Its
    receipt is free again when nothing is left.
    """
    member_id: MemberId | None = None
    """Who bought, where members have shared the bill; `receipt-shared` asks for it."""
    items: Annotated[list[ReturnedItem], msgspec.Meta(max_length=500)] = msgspec.field(default_factory=list)
    """The lines that come back, if the till sends them. Without them it is unknown to audiences which articles the
    member has kept, unless all comes back.
    """

    def to_items(self) -> list[Item]:
        """Raises Problem."""
        for place, each in enumerate(self.items):
            if each.code is None and not each.name:
                raise Problem("invalid-request", f"Give items[{place}] a code, or the name that the purchase gave it.")
        return [Item(each.name, each.quantity, each.amount, each.code) for each in self.items]


class SpendPointsRequest(Body, frozen=True):
    """The member pays with points. The scan must be of the card's code in the app, at most 15 minutes ago."""

    member_id: MemberId
    """`member_id` of the answer to the scan."""
    scan_id: ScanId
    """`scan_id` of the answer to the scan."""
    receipt: ReceiptNumber
    """The receipt that is paid with the points. Under a store's number a member spends points once, until all of them
    are given back; members who share a bill may each spend theirs.
    """
    points: Points
    """How many points to take."""


class VoidSpendRequest(Body, frozen=True):
    """Points that were spent are given back, all of them or a part."""

    receipt: ReceiptNumber
    """The receipt under which the points were spent."""
    points: Points | None = None
    """How many are given back; null: all that are still spent. The receipt is free again when none is. Send an
    `Idempotency-Key` with a part: without one, the same request again gives another part back.
    """
    member_id: MemberId | None = None
    """Who spent them, where several members have paid under the receipt; `receipt-shared` asks for it."""


class PurchaseController(Controller):
    path = "/v1"
    tags = ("Till",)

    @post(
        "/purchases",
        operation_id="recordPurchase",
        summary="Report what a member has bought, once a receipt",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def record_purchase(
        self, data: JSONBody[PurchaseRequest], request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[PurchaseResult]:
        basket = data.purchase.to_basket()

        async def work(conn: Connection, now: datetime) -> PurchaseResult:
            reference = ScanReference(data.member_id, data.scan_id)
            keyring, snapshot, at = services.keyring, services.keeper.current, data.purchased_at or now
            return await purchase(conn, keyring, snapshot, till, reference, basket, at, now)

        return await write(request, services, work, status=201)

    @post(
        "/refunds",
        operation_id="refundPurchase",
        summary="Give a purchase back, whole or in part, with the points that it earned",
    )
    async def refund_purchase(
        self, data: JSONBody[RefundRequest], request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[RefundResult]:
        numbers = _read_number("receipt", data.receipt), _read_number("refund_receipt", data.refund_receipt)
        given_back = GivenBack(data.amount, data.to_items())

        async def work(conn: Connection, now: datetime) -> RefundResult:
            return await refund(conn, services.keyring, till, *numbers, given_back, data.member_id, now)

        return await write(request, services, work, status=201)

    @post("/points/spend", operation_id="spendPoints", summary="Spend a member's points, once a receipt")
    async def spend_points(
        self, data: JSONBody[SpendPointsRequest], request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[SpendResult]:
        number = _read_number("receipt", data.receipt)

        async def work(conn: Connection, now: datetime) -> SpendResult:
            reference = ScanReference(data.member_id, data.scan_id)
            return await spend(conn, services.keyring, till, reference, number, data.points, now)

        return await write(request, services, work, status=201)

    @post("/points/void", operation_id="voidSpend", summary="Give back points that were spent under a receipt")
    async def void_spend(
        self, data: JSONBody[VoidSpendRequest], request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[SpendResult]:
        number = _read_number("receipt", data.receipt)

        async def work(conn: Connection, now: datetime) -> SpendResult:
            return await void(conn, services.keyring, till, number, data.points, data.member_id, now)

        return await write(request, services, work, status=201)


def _read_number(field: str, text: str) -> str:
    """Raises Problem."""
    number = read_receipt_number(text)
    if number is None:
        raise Problem("invalid-request", f"Send the receipt's number in {field}: 1 to 64 printable ASCII characters.")
    return number
