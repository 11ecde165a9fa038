"""What a till reports beside the card: purchases and refunds, and points that are spent."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from ids import MemberId, ScanId
from kit.database import Connection
from purchases.purchases_repository import Basket, Item
from server.purchases.purchase import PurchaseResult, ScanReference, purchase
from server.purchases.refund import RefundResult, refund
from server.purchases.spend import SpendResult, spend, void
from server.web.auth import Call
from server.web.fields import Body, Name
from server.web.injected import ServicesGiven, TillGiven
from server.web.writes import write

ReceiptNumber = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[!-~]{1,64}(?!\n)$",
        description="printable ASCII, unique at the store: with the date in it if the till begins anew every day",
        examples=["20261121-0042"],
    ),
]
Amount = Annotated[int, msgspec.Meta(ge=1, le=10**12, description="in minor units of the program's currency")]


class PurchaseItem(Body, frozen=True):
    """`amount`: of the whole line; below zero for a discount."""

    name: Name
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    amount: Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None


class PurchaseBasket(Body, frozen=True):
    """What was bought. Points are counted from `amount`, whatever the items come to."""

    receipt: ReceiptNumber
    amount: Amount
    items: Annotated[list[PurchaseItem], msgspec.Meta(max_length=500)] = msgspec.field(default_factory=list)

    def read(self) -> Basket:
        return Basket(
            self.receipt,
            self.amount,
            [Item(item.name, item.quantity, item.amount, item.code) for item in self.items],
        )


class PurchaseRequest(Body, frozen=True):
    """`member_id` and `scan_id`: of the answer to the scan of the card, at this store, at most 24 hours apart.

    `purchased_at` null: now. Points and ranks count from it, so a till that had no line tells it, up to 7 days later.
    """

    member_id: MemberId
    scan_id: ScanId
    purchase: PurchaseBasket
    purchased_at: Annotated[datetime, msgspec.Meta(tz=True, description="by the till's corrected clock")] | None = None


class RefundRequest(Body, frozen=True):
    """`amount` null: all that is left of the purchase. `refund_receipt` makes the refund count once."""

    receipt: ReceiptNumber
    refund_receipt: ReceiptNumber
    amount: Amount | None = None


class SpendPointsRequest(Body, frozen=True):
    """The scan must be of the card's code and not older than 15 minutes; a receipt spends once."""

    member_id: MemberId
    scan_id: ScanId
    receipt: ReceiptNumber
    points: Annotated[int, msgspec.Meta(ge=1, le=10**12)]


class VoidSpendRequest(Body, frozen=True):
    receipt: Annotated[ReceiptNumber, msgspec.Meta(description="under which the points were spent")]


class PurchaseController(Controller):
    path = "/v1"
    tags = ("Till",)

    @post("/purchases", operation_id="recordPurchase", summary="Report what a member has bought, once a receipt")
    async def purchase(
        self, data: JSONBody[PurchaseRequest], request: Call, till: TillGiven, services: ServicesGiven
    ) -> Response[PurchaseResult]:
        async def work(conn: Connection, now: datetime) -> PurchaseResult:
            reference, basket = ScanReference(data.member_id, data.scan_id), data.purchase.read()
            keyring, snapshot, at = services.keyring, services.keeper.current, data.purchased_at or now
            return await purchase(conn, keyring, snapshot, till, reference, basket, at, now)

        return await write(request, services, work, status=201)

    @post(
        "/refunds",
        operation_id="refundPurchase",
        summary="Give a purchase back, whole or in part, with the points that it earned",
    )
    async def refund(
        self, data: JSONBody[RefundRequest], request: Call, till: TillGiven, services: ServicesGiven
    ) -> Response[RefundResult]:
        async def work(conn: Connection, now: datetime) -> RefundResult:
            return await refund(conn, services.keyring, till, data.receipt, data.refund_receipt, data.amount, now)

        return await write(request, services, work, status=201)

    @post("/points/spend", operation_id="spendPoints", summary="Spend a member's points, once a receipt")
    async def spend(
        self, data: JSONBody[SpendPointsRequest], request: Call, till: TillGiven, services: ServicesGiven
    ) -> Response[SpendResult]:
        async def work(conn: Connection, now: datetime) -> SpendResult:
            reference = ScanReference(data.member_id, data.scan_id)
            return await spend(conn, services.keyring, till, reference, data.receipt, data.points, now)

        return await write(request, services, work, status=201)

    @post("/points/void", operation_id="voidSpend", summary="Give back the points that were spent under a receipt")
    async def void(
        self, data: JSONBody[VoidSpendRequest], request: Call, till: TillGiven, services: ServicesGiven
    ) -> Response[SpendResult]:
        async def work(conn: Connection, now: datetime) -> SpendResult:
            return await void(conn, services.keyring, till, data.receipt, now)

        return await write(request, services, work, status=201)
