"""The app on a member's phone: what it sends and reads, and what it was told."""

from collections.abc import Sequence

from devtools.card.phone import IssuedCertificate, ReferencePhone
from devtools.demo.answers import Coupon, Coupons, Created, Enrolled, Receipt
from devtools.demo.board import Board
from devtools.demo.client import Client
from devtools.demo.streets import Fix
from ids import CouponId
from kit.clock import utc_now


class App:
    """One installation, signed in as the enrolled member. `earned` are the coupons that its uploads were told of."""

    def __init__(self, client: Client, enrolled: Enrolled, board: Board) -> None:
        self.push_token = f"phone-{enrolled.member_id}"
        self.earned: list[CouponId] = []
        self._client = client
        self._token = enrolled.device_token
        self._board = board
        self._phone = ReferencePhone(enrolled.member_id, enrolled.device_id)

    async def take_card(self) -> None:
        """Put the card on this phone. From then on it needs no signal to show it."""
        body = self._phone.registration()
        self._phone.accept(await self._client.ask(IssuedCertificate, "POST", "/v1/me/card/key", self._token, body))

    def show_card(self) -> str:
        """The code of this half minute."""
        return self._phone.make_code(utc_now())

    async def allow_pushes(self) -> None:
        body = {"token": self.push_token, "kind": "registration"}
        await self._client.ask(type(None), "PUT", "/v1/me/device/push-token", self._token, body)

    async def ask_for_code(self, value: str, kind: str = "phone", *, shows_card: bool = False) -> str:
        """The verification's id; the code goes to the number or e-mail address. `shows_card`: it is a second one."""
        body = {"kind": kind, "value": value} | ({"card_code": self.show_card()} if shows_card else {})
        return (await self._client.ask(Created, "POST", "/v1/me/verifications", self._token, body)).id

    async def confirm(self, verification_id: str, code: str) -> None:
        path = f"/v1/me/verifications/{verification_id}/confirm"
        await self._client.ask(object, "POST", path, self._token, {"code": code})

    async def upload(self, fixes: Sequence[Fix]) -> Receipt:
        body = {"fixes": [fix.as_body() for fix in fixes]}
        receipt = await self._client.ask(Receipt, "POST", "/v1/locations", self._token, body)
        self.earned.extend(receipt.coupons)
        self._board.coupon_ids.extend(receipt.coupons)
        self._board.count("coupons", len(receipt.coupons))
        return receipt

    async def coupons(self) -> list[Coupon]:
        """Those that can be redeemed now, newest first."""
        return (await self._client.ask(Coupons, "GET", "/v1/me/coupons?usable=true", self._token)).items
