"""A till reserves coupons for a receipt, redeems them with it, and gives the receipt back, whole or in part."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from ids import CouponId, MemberId, ReservationId
from kit.database import Connection
from kit.locales import Locale
from purchases.receipts import read_receipt_number
from server.problems import Problem
from server.purchases.routes import BillAmount, ReceiptNumber
from server.redemptions.baskets import MAX_LINES, PresentedCoupons, TillBasket
from server.redemptions.reserve import ReservationResult, reserve
from server.redemptions.settle import (
    RedeemedReservation,
    RefundedReservation,
    VoidedReservation,
    WrittenReceipt,
    redeem_reservation,
    refund_reservation,
    void_reservation,
)
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, TillDependency
from server.web.fields import Body
from server.web.writes import write


class ReserveCouponsRequest(PresentedCoupons, frozen=True, kw_only=True):
    """A basket, and the coupons that are to be used for it: those whose codes are sent, all together or none; or of the
    member whose card's code was scanned the best combination."""

    basket: TillBasket
    """What is to be paid for."""
    coupon_ids: Annotated[list[CouponId], msgspec.Meta(min_length=1, max_length=20)] | None = None
    """Only with `member_id` and `scan_id`: just these of the member's coupons, all together or none."""
    hold_s: Annotated[int, msgspec.Meta(ge=30, le=3600)] = 900
    """For how many seconds the coupons are held."""


class RedeemReservationRequest(Body, frozen=True, kw_only=True):
    """The receipt is written, and with it the coupons are used."""

    member_id: MemberId
    """`member_id` of the answer to the reservation."""
    reservation_id: ReservationId
    """`reservation_id` of the answer to the reservation."""
    receipt: ReceiptNumber
    """The receipt's number. A member's coupons are redeemed once under a number of the store, until it is voided."""
    amount: BillAmount
    """What is paid: `to_pay` of the reservation. For another basket, void the reservation and make a new one."""
    locale: Locale = "ja"
    """The cashier's language."""


class VoidReservationRequest(Body, frozen=True, kw_only=True):
    """The reservation, or the whole receipt, is void."""

    member_id: MemberId
    """`member_id` of the answer to the reservation."""
    reservation_id: ReservationId
    """`reservation_id` of the answer to the reservation."""


class ReturnedLine(Body, frozen=True):
    """Pieces that come back."""

    line: Annotated[int, msgspec.Meta(ge=0, lt=MAX_LINES)]
    """The line's place in the basket that was reserved, from 0."""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    """How many pieces come back now."""


class RefundReservationRequest(Body, frozen=True, kw_only=True):
    """A part of the receipt comes back."""

    member_id: MemberId
    """`member_id` of the answer to the reservation."""
    reservation_id: ReservationId
    """`reservation_id` of the answer to the reservation."""
    lines: Annotated[list[ReturnedLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    """What comes back. Send an `Idempotency-Key`: without one, the same request again takes as many pieces back."""


class ReservationController(Controller):
    path = "/v1/reservations"
    tags = ("Till",)

    @post(operation_id="reserveCoupons", summary="Hold coupons for a receipt")
    async def reserve_coupons(
        self, data: JSONBody[ReserveCouponsRequest], request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[ReservationResult]:
        """No other till can use what is held. It is free again when the reservation is void or its time has passed."""
        basket = data.basket.to_basket()
        if data.coupon_ids is not None and data.coupons is not None:
            raise Problem("invalid-request", "Send coupon_ids only with member_id and scan_id.")

        async def work(conn: Connection, now: datetime) -> ReservationResult:
            hold = timedelta(seconds=data.hold_s)
            return await reserve(conn, services.keyring, till, data, data.coupon_ids, basket, hold, now)

        return await write(request, services, work, status=201)

    @post(
        "/redeem",
        operation_id="redeemReservation",
        summary="Redeem all coupons of a reservation with the receipt",
        status_code=200,
    )
    async def redeem_reservation(
        self,
        data: JSONBody[RedeemReservationRequest],
        request: Call,
        till: TillDependency,
        services: ServicesDependency,
    ) -> Response[RedeemedReservation]:
        """All of them, or none. A coupon that has expired since it was reserved is redeemed; one that was withdrawn, or
        went to another card, is not.
        """
        receipt = read_receipt_number(data.receipt)
        if receipt is None:
            raise Problem(
                "invalid-request", "Send the receipt's number in receipt: 1 to 64 printable ASCII characters."
            )

        async def work(conn: Connection, now: datetime) -> RedeemedReservation:
            written, snapshot = WrittenReceipt(receipt, data.amount), services.keeper.current
            named = data.member_id, data.reservation_id
            return await redeem_reservation(conn, snapshot, till, *named, written, data.locale, now)

        return await write(request, services, work)

    @post(
        "/void",
        operation_id="voidReservation",
        summary="Give up a reservation, or give a whole receipt back",
        status_code=200,
    )
    async def void_reservation(
        self, data: JSONBody[VoidReservationRequest], request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[VoidedReservation]:
        """The coupons can be used again, until they expire. Not where the member has become another one since."""

        async def work(conn: Connection, now: datetime) -> VoidedReservation:
            return await void_reservation(conn, till, data.member_id, data.reservation_id, now)

        return await write(request, services, work)

    @post(
        "/refund",
        operation_id="refundReservation",
        summary="What is due back for a part of a receipt",
        status_code=200,
    )
    async def refund_reservation(
        self,
        data: JSONBody[RefundReservationRequest],
        request: Call,
        till: TillDependency,
        services: ServicesDependency,
    ) -> Response[RefundedReservation]:
        """What the pieces cost, less their share of the discount. The coupons stay used."""
        pieces: dict[int, int] = {}
        for each in data.lines:
            pieces[each.line] = pieces.get(each.line, 0) + each.quantity

        async def work(conn: Connection, now: datetime) -> RefundedReservation:
            return await refund_reservation(conn, till, data.member_id, data.reservation_id, pieces, now)

        return await write(request, services, work)
