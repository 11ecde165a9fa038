"""A till asks what coupons take off a basket."""

from litestar import Controller, post
from litestar.params import JSONBody

from kit.clock import utc_now
from kit.database import connect
from server.redemptions.baskets import PresentedCoupons, QuoteResult, TillBasket
from server.redemptions.presented import find_presented
from server.redemptions.quote import asks_for_rewards, quote_coupons, view_quote
from server.rewards.coupon_rewards import read_earning
from server.web.dependencies import ServicesDependency, TillDependency


class QuoteCouponsRequest(PresentedCoupons, frozen=True, kw_only=True):
    """A basket, and the coupons that are presented or all that the member has."""

    basket: TillBasket
    """What is to be paid for."""


class QuoteController(Controller):
    path = "/v1/coupons"
    tags = ("Till",)

    @post("/quote", operation_id="quoteCoupons", summary="What coupons take off a basket", status_code=200)
    async def quote_coupons(
        self, data: JSONBody[QuoteCouponsRequest], till: TillDependency, services: ServicesDependency
    ) -> QuoteResult:
        """Nothing is used or held by it. The best combination takes off most, and holds at most four coupons; of more
        than ten that apply, the ten are weighed that take off most by themselves.
        """
        basket, now = data.basket.to_basket(), utc_now()
        async with connect(services.pool) as conn:
            coupons = await find_presented(conn, services.keyring, till, data, now)
            earning = await read_earning(conn, till.program_id, is_asked=asks_for_rewards(coupons))
        return view_quote(basket, coupons, quote_coupons(basket, coupons, earning, now), data.locale)
