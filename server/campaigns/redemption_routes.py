"""A till redeems a coupon."""

from typing import Annotated, TypeAlias

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from kit.batching import Batcher
from kit.clock import utc_now
from kit.locales import Locale
from server.campaigns.redeem import RedeemCommand, RedemptionResult
from server.web.auth import Call, name_of
from server.web.dependencies import TillDependency
from server.web.fields import Body
from server.web.idempotency import Answer
from server.web.writes import idempotency_key_of, send

Redeeming: TypeAlias = NamedDependency[SkipValidation[Batcher[RedeemCommand, Answer]]]


class RedeemCouponRequest(Body, frozen=True):
    coupon: Annotated[str, msgspec.Meta(max_length=200)]
    """The coupon's code as the till scanned it from the shopper's phone."""
    locale: Locale = "ja"
    """The cashier's language, for the words of the offer."""


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
