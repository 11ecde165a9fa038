"""Codes on paper become coupons: in the member's app, or at a till where their card was scanned."""

import time
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from coupons import coupons_repository
from coupons.coupon_codes import make_coupon_code
from coupons.offers import choose_text
from coupons.redemptions import redemptions_repository
from coupons.redemptions.benefits import Benefit
from ids import CouponId, MemberId, ScanId
from kit.database import Connection
from kit.locales import Locale
from kit.throttle import Throttle
from members.aliases_repository import history_ids
from programs.tills_repository import Till
from server.campaigns.coupon_views import Coupon, view_coupon
from server.problems import Problem
from server.purchases.purchase import ScanReference, find_scan
from server.redemptions.claim_paper_code import PaperCodeClaim, claim_paper_code, note_claim
from server.redemptions.presented import MAX_SCAN_AGE
from server.redemptions.redeem import RedeemCommand, RedemptionResult, redeem
from server.redemptions.refusals import coupon_unknown
from server.web.auth import Call, name_of
from server.web.dependencies import DeviceDependency, ServicesDependency, TillDependency
from server.web.fields import Body
from server.web.idempotency import Answer
from server.web.services import Services
from server.web.writes import write

PresentedCode = Annotated[str, msgspec.Meta(min_length=4, max_length=100)]


class ClaimCodeRequest(Body, frozen=True):
    """A code from paper."""

    code: PresentedCode
    """As it was scanned or typed: 18 characters in three groups, or a public word. Dashes, spaces, capitals and small
    letters make no difference, nor does O for 0, and I or L for 1."""


class TillClaimRequest(Body, frozen=True, kw_only=True):
    """A code from paper, and whose card was scanned with it."""

    code: PresentedCode
    """As it was scanned or typed."""
    member_id: MemberId
    """`member_id` of the answer to the scan of the member's card."""
    scan_id: ScanId
    """`scan_id` of the answer to that scan, which was at most 15 minutes ago at this store."""
    redeem: bool = False
    """True: the coupon is used at once, as by POST /v1/redemptions, or nothing happens. One that needs the basket is
    claimed first, and then reserved by its `coupon` code."""
    locale: Locale = "ja"
    """The cashier's language."""


class ClaimedAtTill(msgspec.Struct, frozen=True, kw_only=True):
    """The coupon that the code has become."""

    coupon_id: CouponId
    """The coupon."""
    member_id: MemberId
    """Whose it is."""
    coupon: str
    """The coupon's own code, for POST /v1/coupons/quote, /v1/reservations or /v1/redemptions."""
    title: str
    """The offer's title, in the cashier's language where it has one."""
    body: str
    """What it says to give, in the same language."""
    benefit: Benefit
    """What it is worth."""
    expires_at: datetime
    """From this moment on it cannot be redeemed."""
    redemption: RedemptionResult | None
    """Its redemption. Null: it was not redeemed by this."""


class PaperCodeController(Controller):
    path = "/v1"

    @post(
        "/me/coupon-codes",
        operation_id="claimCouponCode",
        summary="Turn a code from paper into a coupon",
        status_code=201,
        tags=("Member",),
    )
    async def claim_coupon_code(
        self, data: JSONBody[ClaimCodeRequest], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[Coupon]:
        """Who claims their own code again gets the same coupon. At most twenty tries an hour."""
        _slow_down(services.paper_code_throttle, name_of(device))

        async def work(conn: Connection, now: datetime) -> Coupon:
            claim = PaperCodeClaim(
                program_id=device.program_id,
                member_id=device.member_id,
                presented=data.code,
                store_id=None,
                now=now,
            )
            claimed = await claim_paper_code(conn, services.keyring, services.keeper.current, claim)
            await note_claim(conn, claim, claimed)
            names = await history_ids(conn, device.member_id)
            coupon = await coupons_repository.find_coupon_of_member(conn, names, claimed.coupon_id)
            if coupon is None:  # it has ended, and not at a till: with a scan that was undone, or on a former card
                raise coupon_unknown()
            return view_coupon(coupon, device.language or device.locale, services.keyring, services.settings.public_url)

        return await write(request, services, work, status=201)

    @post(
        "/coupons/claim",
        operation_id="claimCodeAtTill",
        summary="Turn a code from paper into a coupon of the member at the till, and redeem it if asked to",
        status_code=201,
        tags=("Till",),
    )
    async def claim_code_at_till(
        self, data: JSONBody[TillClaimRequest], request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[ClaimedAtTill]:
        """Any scan of the card will do, of its number too: the paper is the proof. At most 240 tries an hour a till."""
        _slow_down(services.till_code_throttle, name_of(till))

        async def work(conn: Connection, now: datetime) -> ClaimedAtTill:
            return await _claim_at_till(conn, services, till, data, now)

        return await write(request, services, work, status=201)


async def _claim_at_till(
    conn: Connection, services: Services, till: Till, data: TillClaimRequest, now: datetime
) -> ClaimedAtTill:
    await find_scan(conn, till, ScanReference(data.member_id, data.scan_id), now, max_age=MAX_SCAN_AGE)
    claim = PaperCodeClaim(
        program_id=till.program_id, member_id=data.member_id, presented=data.code, store_id=till.store_id, now=now
    )
    claimed = await claim_paper_code(conn, services.keyring, services.keeper.current, claim)
    wanted = claimed.holder_id, claimed.coupon_id, till.store_id
    found = (await redemptions_repository.read_redeemables(conn, [wanted], now)).get((claimed.coupon_id, till.store_id))
    if found is None:
        raise coupon_unknown()
    code = make_coupon_code(services.keyring, claimed.holder_id, claimed.coupon_id)
    redeemed = None
    if data.redeem:
        (answer,) = await redeem(conn, services.keyring, [RedeemCommand(till, code, None, now, data.locale)])
        if not isinstance(answer, Answer):
            raise answer
        redeemed = msgspec.json.decode(answer.body, type=RedemptionResult)
    await note_claim(conn, claim, claimed)
    text = choose_text(found.offer, data.locale, found.store_name)
    return ClaimedAtTill(
        coupon_id=claimed.coupon_id,
        member_id=claimed.holder_id,
        coupon=code,
        title=text.title,
        body=text.body,
        benefit=found.grant.benefit,
        expires_at=found.expires_at,
        redemption=redeemed,
    )


def _slow_down(throttle: Throttle, caller: str) -> None:
    """Raises Problem."""
    wait_s = throttle.wait_s(caller, time.monotonic())
    if wait_s:
        raise Problem("too-many-attempts", "Wait before you try another code.", retry_after_s=int(wait_s) + 1)
