"""Shoppers, tills and an owner who do what people do, and repeat each request until it is answered."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import httpx

from bench.chaos.history import Answered, History, Kind
from devtools.plain_http import TRUSTS_NOBODY
from kit.clock import utc_now
from kit.ids import new_id

Json = Mapping[str, Any]

_PAUSE_S = 0.1
_STEP_S = 120
_LAT, _BLOCK_DEGREES, _NEAR_DEGREES, _LON = 35.0, 0.01, 0.004, 139.0


@dataclass(frozen=True)
class Shop:
    """A store in its place of the street, with two tills. The fence is a circle around the place."""

    store_id: str
    block: int
    tills: tuple[str, str]

    def place(self, *, is_at_door: bool) -> dict[str, float]:
        lat = _LAT + self.block * _BLOCK_DEGREES
        return {"lat": lat if is_at_door else lat - _NEAR_DEGREES, "lon": _LON}


@dataclass(frozen=True)
class Street:
    program: str
    owner: str
    shops: Sequence[Shop]
    doors: Sequence[str]
    """The base URLs of all API processes."""


@dataclass
class People:
    """Many at a time; each does all of a shopper's way and makes room for another."""

    street: Street
    history: History
    chance: random.Random
    stop: asyncio.Event
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def crowd(self, at_once: int) -> None:
        async with httpx.AsyncClient(timeout=15, verify=TRUSTS_NOBODY, trust_env=False) as http:
            await asyncio.gather(*(self._one_after_another(http) for _ in range(at_once)))

    async def _one_after_another(self, http: httpx.AsyncClient) -> None:
        while not self.stop.is_set():
            await _Shopper(self, http, next(self.numbers)).live()

    async def call(
        self,
        http: httpx.AsyncClient,
        kind: Kind,
        token: str | None,
        method: str,
        path: str,
        body: Json,
        member: str = "",
    ) -> Answered:
        """Under one Idempotency-Key, at whichever door answers. 503, 429 and no answer are repeated."""
        headers = {"Idempotency-Key": str(new_id()), "X-Forwarded-For": f"2001:db8::{self.chance.getrandbits(16):x}"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if method == "GET" or kind == "locate":
            del headers["Idempotency-Key"]
        while True:
            self.history.attempts += 1
            try:
                url = self.chance.choice(self.street.doors) + path
                answer = await http.request(method, url, headers=headers, json=body or None)
            except httpx.TransportError:
                await asyncio.sleep(_PAUSE_S)
                continue
            if answer.status_code >= 500 and answer.status_code != 503:
                self.history.unexpected.append((kind, answer.status_code, answer.text[:500]))
            if answer.status_code < 500 and answer.status_code != 429:
                told = answer.json() if answer.content else {}
                return self.history.note(kind, member or told.get("member_id", ""), answer.status_code, body, told)
            await asyncio.sleep(_PAUSE_S)


class _Shopper:
    def __init__(self, people: People, http: httpx.AsyncClient, number: int) -> None:
        self._people, self._http, self._number = people, http, number
        self._chance = random.Random(people.chance.getrandbits(64))
        shops = people.street.shops
        self._clock = utc_now() - timedelta(seconds=_STEP_S * (2 * len(shops) + 2))

    async def live(self) -> None:
        consents = [{"purpose": each, "granted": True, "text_version": "1"} for each in ("location", "push")]
        body = {"program": self._people.street.program, "platform": "android", "locale": "ja", "consents": consents}
        self._token: str | None = None
        enrolled = (await self._call("enrol", None, "POST", "/v1/members", body)).told
        self._member, self._token = enrolled["member_id"], enrolled["device_token"]
        self._card = enrolled["card"]["number"]
        push = {"token": f"token-{self._number}", "kind": "registration"}
        await self._call("read", self._token, "PUT", "/v1/me/device/push-token", push, self._member)
        for shop in self._people.street.shops:
            if self._people.stop.is_set():
                return
            await self._visit(shop)
        if self._chance.random() < 0.3:
            await self._leave()

    async def _visit(self, shop: Shop) -> None:
        earned = await self._walk_in(shop)
        if earned and self._chance.random() < 0.7:
            await self._redeem(shop, earned[0])
        if self._chance.random() < 0.6:
            await self._buy(shop)

    async def _walk_in(self, shop: Shop) -> Sequence[str]:
        fixes = []
        for is_at_door in (False, True):
            self._clock += timedelta(seconds=_STEP_S)
            place = shop.place(is_at_door=is_at_door)
            fixes.append({**place, "accuracy_m": 10, "recorded_at": self._clock.isoformat()})
        located = await self._call("locate", self._token, "POST", "/v1/locations", {"fixes": fixes}, self._member)
        coupons: Sequence[str] = located.told.get("coupons", ())
        return coupons

    async def _redeem(self, shop: Shop, coupon_id: str) -> None:
        """Shown at two tills at once: one of them may take it."""
        listed = await self._call("read", self._token, "GET", "/v1/me/coupons", {}, self._member)
        codes = [each["code"] for each in listed.told.get("items", ()) if each["id"] == coupon_id]
        tries = [
            self._call("redeem", till, "POST", "/v1/redemptions", {"coupon": code}, self._member)
            for till in shop.tills
            for code in codes
        ]
        await asyncio.gather(*tries)

    async def _buy(self, shop: Shop) -> None:
        number = next(self._people.numbers)
        purchase = {"receipt": f"R-{number}", "amount": 1000 + number}
        till = shop.tills[0]
        scanned = await self._call("scan", till, "POST", "/v1/scans", {"card": self._card, "purchase": purchase})
        if not scanned.is_done:
            return
        by_scan = {"member_id": self._member, "scan_id": scanned.told["scan_id"]}
        # More than there is, now and then: no balance may fall below zero.
        spend = by_scan | {"receipt": f"S-{number}", "points": self._chance.randint(1, 40)}
        refund = {"receipt": purchase["receipt"], "refund_receipt": f"B-{number}", "amount": 500}
        await asyncio.gather(
            self._call("spend", till, "POST", "/v1/points/spend", spend, self._member),
            self._call("refund", till, "POST", "/v1/refunds", refund, self._member),
        )

    async def _leave(self) -> None:
        """Erased, while a till still brings something in for an old receipt."""
        number = next(self._people.numbers)
        shop = self._people.street.shops[0]
        path, owner = f"/v1/members/{self._member}/erasure", self._people.street.owner
        late = {"card": self._card, "purchase": {"receipt": f"R-{number}", "amount": 1000 + number}}
        await asyncio.gather(
            self._call("erase", owner, "POST", path, {"verified_by": "card_shown"}, self._member),
            self._call("scan", shop.tills[1], "POST", "/v1/scans", late, self._member),
        )

    async def _call(
        self, kind: Kind, token: str | None, method: str, path: str, body: Json, member: str = ""
    ) -> Answered:
        return await self._people.call(self._http, kind, token, method, path, body, member)
