"""The demo's apps and tills against an API that misbehaves: they must be patient, and they must notice."""

import asyncio
import json
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx
import pytest

from cards.certificates import issue_certificate, read_public_key
from devtools.demo import crowd
from devtools.demo.answers import Card, Created, Enrolled
from devtools.demo.app import App
from devtools.demo.board import Board
from devtools.demo.chain import make_chain
from devtools.demo.client import Client, UnexpectedAnswer
from devtools.demo.mailbox import Mailbox
from devtools.demo.seed import Outlet, Town
from devtools.demo.shopper import Shopper, Street, Surprise
from devtools.demo.till import Till
from ids import DeviceId, MemberId
from kit.ids import from_text, to_text
from tests.support.card_keys import Issuer
from tests.support.waiting import PATIENCE_S

SHOP = make_chain()[0]
COUPON = "01890000-0000-7000-8000-000000000001"
ENROLLED = Enrolled(MemberId(UUID(int=1)), DeviceId(UUID(int=2)), "nrnd_x", Card("2912345678906"))
ISSUER = Issuer()


def make_client(handler: Any) -> Client:
    return Client(httpx.AsyncClient(base_url="http://noren", transport=httpx.MockTransport(handler)))


class Api:
    """Answers as the API does on one shopper's way, but for what a test breaks by name."""

    def __init__(self, broken: str = "") -> None:
        self.broken = broken
        self.seen: set[str] = set()
        self.redeemed = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = getattr(self, "_" + request.url.path.rsplit("/", 1)[1].replace("-", "_"))
        return cast("httpx.Response", answer(request))

    def _locations(self, request: httpx.Request) -> httpx.Response:
        fixes = json.loads(request.content)["fixes"]
        is_new = fixes[0]["recorded_at"] not in self.seen or self.broken == "repeats"
        earns = not self.seen and self.broken != "coupon"
        self.seen |= {fix["recorded_at"] for fix in fixes}
        counts = {"future": 0, "mocked": 0, "no_consent": 0, "refused": []}
        taken = {"accepted": len(fixes), "late": 0} if is_new else {"accepted": 0, "late": len(fixes)}
        return httpx.Response(200, json=counts | taken | {"coupons": [COUPON] if earns else []})

    def _coupons(self, _: httpx.Request) -> httpx.Response:
        coupon = {"id": COUPON, "title": "Coffee", "code": "N1KX", "issued_at": "2026-01-01T00:00:00Z"}
        return httpx.Response(200, json={"items": [] if self.broken == "list" else [coupon]})

    def _key(self, request: httpx.Request) -> httpx.Response:
        public_key = read_public_key(from_text(json.loads(request.content)["public_key"]))
        assert public_key is not None
        now = datetime.now(UTC)
        certificate = issue_certificate(ISSUER.private, ISSUER.key_id, ENROLLED.member_id, public_key, now)
        times = {"expires_at": now.isoformat(), "renew_from": now.isoformat()}
        text = to_text(certificate.to_bytes())
        return httpx.Response(201, json={"serial": to_text(certificate.serial), "certificate": text} | times)

    def _offline_verification(self, _: httpx.Request) -> httpx.Response:
        public = Issuer().public if self.broken == "trust" else ISSUER.public
        key = {"key_id": ISSUER.key_id.hex(), "public_key": to_text(public), "is_revoked": False}
        rest = {"program_id": str(UUID(int=3)), "step_s": 30, "skew_steps": 1, "revocations": [], "sequence": 0}
        return httpx.Response(200, json=rest | {"keys": [key]})

    def _offline(self, request: httpx.Request) -> httpx.Response:
        assert len(json.loads(request.content)["scans"]) == 1
        outcome = "duplicate" if self.broken == "report" else "counted"
        told = {"outcome": outcome, "is_first_today": True, "coupons_issued": 0}
        return httpx.Response(200, json={"scans": [told]})

    def _scans(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json={"is_first_today": self.broken != "visit", "coupons_issued": 0})

    def _redemptions(self, _: httpx.Request) -> httpx.Response:
        if self.redeemed and self.broken != "redemption":
            return httpx.Response(409, json={"type": "urn:noren:problem:already-redeemed"})
        self.redeemed = True
        return httpx.Response(201, json={})


async def buy(broken: str, monkeypatch: pytest.MonkeyPatch, *, without_line: bool = False) -> Board:
    monkeypatch.setattr("devtools.demo.shopper._PUSH_WITHIN_S", 0.1)
    board, client = Board(), make_client(Api(broken))
    app = App(client, ENROLLED, board)
    arrived = SimpleNamespace(
        refusal=None,
        token="another-phone" if broken == "push" else app.push_token,
        message=SimpleNamespace(data={"coupon_id": COUPON}),
    )
    mailbox = Mailbox(cast("Any", SimpleNamespace(received=[arrived])))
    shopper = Shopper("Sato Yui", app, Street(board, mailbox, 0), Random(1))
    till = Till(client, Outlet(SHOP, "", "nrnt_x"))
    await shopper.buy(
        till, SHOP.door, SHOP.station, SHOP.label, sends_twice=True, tries_twice=True, without_line=without_line
    )
    return board


@pytest.mark.parametrize("without_line", [False, True])
async def test_a_shopper_is_content_with_what_must_be(monkeypatch: pytest.MonkeyPatch, *, without_line: bool) -> None:
    board = await buy("", monkeypatch, without_line=without_line)
    assert (board.counts["visits"], board.counts["redemptions"], board.counts["coupons"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("broken", "surprise"),
    [
        ("repeats", "counted twice"),
        ("coupon", "earned nothing"),
        ("list", "cannot find"),
        ("push", "got no push"),
        ("visit", "was counted before"),
        ("redemption", "redeemed one coupon twice"),
    ],
)
async def test_a_shopper_notices(broken: str, surprise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Surprise, match=surprise):
        await buy(broken, monkeypatch)


@pytest.mark.parametrize(
    ("broken", "surprise"), [("trust", "refused without a line: This code was not made"), ("report", "did not count")]
)
async def test_a_shopper_notices_what_a_till_without_a_line_does(
    broken: str, surprise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Surprise, match=surprise):
        await buy(broken, monkeypatch, without_line=True)


async def test_a_repeated_request_has_the_same_key() -> None:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if len(requests) == 1:
            raise httpx.ReadError("the connection broke")
        if len(requests) == 2:
            return httpx.Response(503, headers={"Retry-After": "0.01"})
        return httpx.Response(201, json={"id": "a"})

    assert await make_client(handle).ask(Created, "POST", "/v1/stores", "nrns_x", {"name": "a"}) == Created("a")
    assert len(requests) == 3
    assert len({request.headers["Idempotency-Key"] for request in requests}) == 1
    assert len({request.content for request in requests}) == 1


async def test_an_answer_that_nobody_earned_is_told_with_its_problem() -> None:
    problem = {"type": "urn:noren:problem:forbidden", "detail": "Ask an owner."}
    client = make_client(lambda _: httpx.Response(403, json=problem))
    with pytest.raises(
        UnexpectedAnswer, match=r"GET /v1/me was answered 403 urn:noren:problem:forbidden Ask an owner\."
    ):
        await client.ask(Created, "GET", "/v1/me")


async def test_a_crowd_without_news_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(crowd, "_QUIET_S", 0.2)
    monkeypatch.setattr(crowd, "_FINISH_WITHIN_S", 0.1)
    board = Board()
    street = Street(board, Mailbox(cast("Any", SimpleNamespace(received=[]))), 0)
    town = Town("kissa-sakura", [Outlet(SHOP, "", "nrnt_x")], [])
    async with asyncio.timeout(PATIENCE_S):
        await crowd.Crowd(make_client(never), town, street).walk(20)
    assert board.faults == ["nothing happened for 0 s"]
