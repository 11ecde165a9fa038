"""What a till does: scan a card, redeem a coupon."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from coupons.campaigns import Locale
from kit.clock import utc_now
from server.api.fields import Body
from server.api.injected import ServicesGiven, TillGiven
from server.api.purchases import BasketBody
from server.auth import Call, name_of
from server.flows.redeem import RedeemCommand, Redeemed
from server.flows.scan import ScanCommand, Scanned
from server.writes import claim_of, send


class CardRead(Body, frozen=True):
    card: Annotated[
        str,
        msgspec.Meta(max_length=200, description="the card's code, or its 13 digits", examples=["2912 3456 7890 6"]),
    ]
    locale: Annotated[Locale, msgspec.Meta(description="the cashier's language")] = "ja"
    purchase: Annotated[BasketBody | None, msgspec.Meta(description="what was bought, if that is known already")] = None


class CouponRead(Body, frozen=True):
    coupon: Annotated[str, msgspec.Meta(max_length=200, description="the coupon's code as scanned from the phone")]


class TillController(Controller):
    path = "/v1"
    tags = ("Till",)

    @post("/scans", summary="Check a member in")
    async def scan(
        self,
        data: JSONBody[CardRead],
        request: Call,
        till: TillGiven,
        services: ServicesGiven,
    ) -> Response[Scanned]:
        claim = await claim_of(request, name_of(till))
        basket = None if data.purchase is None else data.purchase.read()
        return send(await services.scanning.submit(ScanCommand(till, data.card, data.locale, claim, utc_now(), basket)))

    @post("/redemptions", summary="Redeem a coupon, once")
    async def redeem(
        self,
        data: JSONBody[CouponRead],
        request: Call,
        till: TillGiven,
        services: ServicesGiven,
    ) -> Response[Redeemed]:
        claim = await claim_of(request, name_of(till))
        return send(await services.redeeming.submit(RedeemCommand(till, data.coupon, claim, utc_now())))
