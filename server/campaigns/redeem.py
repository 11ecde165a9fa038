"""`redeem`: a coupon is used at a till, once. The key of `redemptions` decides who comes first."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from coupons import redemptions_repository
from coupons.coupon_codes import CouponCode, read_coupon_code
from coupons.redemption import RedeemableCoupon, Redemption
from ids import CampaignId, CouponId, StoreId
from kit.database import Connection
from programs.tills_repository import Till
from server.problems import Problem
from server.web.idempotency import Answer, IdempotencyKey


class RedeemCommand(msgspec.Struct, frozen=True):
    """`presented` is the coupon's code as the scanner read it from the phone."""

    till: Till
    presented: str
    idempotency_key: IdempotencyKey | None
    now: datetime


class RedemptionResult(msgspec.Struct, frozen=True):
    """A coupon that has been redeemed."""

    coupon_id: CouponId
    """The coupon."""
    campaign_id: CampaignId
    """The campaign that issued it."""
    store_id: StoreId
    """The store of the till."""
    redeemed_at: datetime
    """When it was redeemed."""


async def redeem(conn: Connection, commands: Sequence[RedeemCommand]) -> Sequence[Answer | Exception]:
    codes = [read_coupon_code(command.presented) for command in commands]
    wanted = [
        (code.member_id, code.coupon_id, c.till.store_id) for c, code in zip(commands, codes, strict=True) if code
    ]
    found = await redemptions_repository.read_redeemables(conn, wanted) if wanted else {}
    judged = [_judge(command, code, found) for command, code in zip(commands, codes, strict=True)]
    # Of several for one coupon in this batch the first is offered; the others came second anyway.
    first = {r.coupon_id: r for r in reversed(judged) if isinstance(r, Redemption)}
    won = await redemptions_repository.insert_redemptions(conn, list(first.values())) if first else set()
    return [
        result if isinstance(result, Problem) else _answer(result, first[result.coupon_id] is result, won)
        for result in judged
    ]


def _judge(
    command: RedeemCommand, code: CouponCode | None, found: dict[tuple[CouponId, StoreId], RedeemableCoupon]
) -> Redemption | Problem:
    coupon = found.get((code.coupon_id, command.till.store_id)) if code else None
    if coupon is None or coupon.program_id != command.till.program_id:
        return Problem("coupon-unknown", "Scan the coupon's code again from the shopper's app.")
    if coupon.is_moved:
        return Problem("coupon-unknown", "This coupon is on the shopper's new card: scan the code in their app now.")
    if coupon.is_undone:
        return Problem("coupon-unknown", "Do not honour it: the scan that this coupon came from was undone.")
    if coupon.is_had:
        return Problem("already-redeemed", "Do not honour it: the shopper has used this coupon on their former card.")
    if coupon.redeemed_at is not None:
        return _already_redeemed(coupon.redeemed_at)
    if coupon.expires_at <= command.now:
        return Problem("coupon-expired", "Tell the shopper that the coupon has expired.", expired_at=coupon.expires_at)
    if not coupon.is_store_covered:
        return Problem(
            "store-not-covered",
            "Tell the shopper that this coupon is for other stores.",
        )
    return Redemption(
        member_id=coupon.member_id,
        coupon_id=coupon.coupon_id,
        program_id=coupon.program_id,
        campaign_id=coupon.campaign_id,
        store_id=command.till.store_id,
        till_id=command.till.id,
        redeemed_at=command.now,
    )


def _answer(redemption: Redemption, is_first: bool, won: set[CouponId]) -> Answer | Problem:
    if not is_first or redemption.coupon_id not in won:
        return _already_redeemed(None)
    body = RedemptionResult(redemption.coupon_id, redemption.campaign_id, redemption.store_id, redemption.redeemed_at)
    return Answer(201, msgspec.json.encode(body))


def _already_redeemed(redeemed_at: datetime | None) -> Problem:
    detail = "Do not honour it again: this coupon has been redeemed."
    if redeemed_at is None:  # in this very moment, at another till
        return Problem("already-redeemed", detail)
    return Problem("already-redeemed", detail, redeemed_at=redeemed_at)
