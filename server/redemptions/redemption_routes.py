"""A till redeems a coupon, and takes back a redemption."""

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from ids import MemberId, RedemptionId
from kit.batching import Batcher
from kit.clock import utc_now
from kit.database import Connection
from kit.locales import Locale
from server.redemptions.redeem import RedeemCommand, RedemptionResult
from server.redemptions.undo_redemption import UndoneRedemption, undo_redemption
from server.web.auth import Call, name_of
from server.web.dependencies import ServicesDependency, TillDependency
from server.web.fields import Body
from server.web.idempotency import Answer
from server.web.writes import idempotency_key_of, send, write

Redeeming: TypeAlias = NamedDependency[SkipValidation[Batcher[RedeemCommand, Answer]]]


class RedeemCouponRequest(Body, frozen=True):
    coupon: Annotated[str, msgspec.Meta(max_length=200)]
    """The coupon's code as the till scanned it from the shopper's phone."""
    locale: Locale = "ja"
    """The cashier's language, for the words of the offer."""


class UndoRedemptionRequest(Body, frozen=True):
    """The redemption that is to be undone."""

    member_id: MemberId
    """`member_id` of the answer to the redemption."""
    redemption_id: RedemptionId
    """`redemption_id` of the answer to the redemption."""


class RedemptionController(Controller):
    path = "/v1"
    tags = ("Till",)

    @post("/redemptions", operation_id="redeemCoupon", summary="Redeem a coupon, once")
    async def redeem_coupon(
        self,
        data: JSONBody[RedeemCouponRequest],
        request: Call,
        till: TillDependency,
        redeeming: Redeeming,
    ) -> Response[RedemptionResult]:
        idempotency_key = await idempotency_key_of(request, name_of(till))
        return send(await redeeming.submit(RedeemCommand(till, data.coupon, idempotency_key, utc_now(), data.locale)))

    @post(
        "/redemptions/undo", operation_id="undoRedemption", summary="Undo the till's last redemption", status_code=200
    )
    async def undo_redemption(
        self,
        data: JSONBody[UndoRedemptionRequest],
        request: Call,
        till: TillDependency,
        services: ServicesDependency,
    ) -> Response[UndoneRedemption]:
        """Within ten minutes. The coupon can be redeemed again until it expires."""

        async def work(conn: Connection, now: datetime) -> UndoneRedemption:
            return await undo_redemption(conn, till, data.member_id, data.redemption_id, now)

        return await write(request, services, work)
