"""A till in a shop: it scans cards, with a line and without one, and takes coupons; each has a key of its own."""

from email.utils import parsedate_to_datetime

from devtools.card.till import ReferenceTill, Shown, TrustAnswer
from devtools.demo.answers import Report, Reported, Scanned, decode, read_problem
from devtools.demo.client import Client, UnexpectedAnswer
from devtools.demo.seed import Outlet
from kit.clock import utc_now


class Till:
    def __init__(self, client: Client, outlet: Outlet) -> None:
        self._client = client
        self._key = outlet.till_key
        self._offline = ReferenceTill()

    async def scan(self, card_code: str) -> Scanned:
        return await self._client.ask(Scanned, "POST", "/v1/scans", self._key, {"card": card_code, "locale": "ja"})

    async def sync(self) -> None:
        """Fetch what it takes to judge cards without a line."""
        response = await self._client.send("GET", "/v1/till/offline-verification", self._key)
        if not response.is_success:
            raise UnexpectedAnswer("GET /v1/till/offline-verification", response)
        date = response.headers.get("Date")
        server_time = parsedate_to_datetime(date) if date else None
        self._offline.sync(decode(response.content, TrustAnswer), utc_now(), server_time)

    def scan_without_line(self, card_code: str) -> Shown:
        return self._offline.scan(card_code, utc_now())

    async def report(self) -> list[Reported]:
        """Tell what was scanned without a line."""
        kept = list(self._offline.memory.unreported)
        answer = await self._client.ask(Report, "POST", "/v1/scans/offline", self._key, self._offline.report())
        self._offline.reported(kept)
        return answer.scans

    async def redeem(self, coupon_code: str) -> bool:
        """Whether the coupon was good; False: it had been used. Raises UnexpectedAnswer for all else."""
        response = await self._client.send("POST", "/v1/redemptions", self._key, {"coupon": coupon_code})
        if response.is_success:
            return True
        if read_problem(response.content).type.endswith(":already-redeemed"):
            return False
        raise UnexpectedAnswer("POST /v1/redemptions", response)
