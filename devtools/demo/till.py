"""A till in a shop: it scans cards and takes coupons, each with its own key."""

from devtools.demo.answers import Scanned, read_problem
from devtools.demo.client import Client, UnexpectedAnswer
from devtools.demo.seed import Outlet


class Till:
    def __init__(self, client: Client, outlet: Outlet) -> None:
        self._client = client
        self._key = outlet.till_key

    async def scan(self, card_code: str) -> Scanned:
        return await self._client.ask(Scanned, "POST", "/v1/scans", self._key, {"card": card_code, "locale": "ja"})

    async def redeem(self, coupon_code: str) -> bool:
        """Whether the coupon was good; False: it had been used. Raises UnexpectedAnswer for all else."""
        response = await self._client.send("POST", "/v1/redemptions", self._key, {"coupon": coupon_code})
        if response.is_success:
            return True
        if read_problem(response.content).type.endswith(":already-redeemed"):
            return False
        raise UnexpectedAnswer("POST /v1/redemptions", response)
