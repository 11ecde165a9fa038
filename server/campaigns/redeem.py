"""`redeem`: a coupon is used at a till, once. The key of `redemptions` decides who comes first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from coupons import redemptions_repository
from coupons.coupon_codes import CouponCode, read_coupon_code
from coupons.offers import choose_text
from coupons.redemption import RedeemableCoupon, Redemption
from coupons.withdrawal import choose_reason
from ids import CampaignId, CouponId, MemberId, RedemptionId, StoreId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from kit.sealing import Keyring
from programs.tills_repository import Till
from server.problems import Problem
from server.web.idempotency import Answer, IdempotencyKey

_Redeemables: TypeAlias = Mapping[tuple[CouponId, StoreId], RedeemableCoupon]


class RedeemCommand(msgspec.Struct, frozen=True):
    """`presented` is the coupon's code as the scanner read it from the phone, `locale` the cashier's language."""

    till: Till
    presented: str
    idempotency_key: IdempotencyKey | None
    now: datetime
    locale: Locale = "ja"


class RedemptionResult(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that has been redeemed."""

    redemption_id: RedemptionId
    """The id of the redemption: an undo refers to it."""
    member_id: MemberId
    """The member whose coupon it was; an undo names them too."""
    coupon_id: CouponId
    """The coupon."""
    campaign_id: CampaignId
    """The campaign that issued it."""
    store_id: StoreId
    """The store of the till."""
    redeemed_at: datetime
    """When it was redeemed."""
    title: str
    """The offer's title, in the cashier's language where it has one."""
    body: str
    """What to give for it, in the same language."""


async def redeem(conn: Connection, keyring: Keyring, commands: Sequence[RedeemCommand]) -> Sequence[Answer | Exception]:
    codes = [read_coupon_code(keyring, command.presented) for command in commands]
    wanted = [
        (code.member_id, code.coupon_id, c.till.store_id) for c, code in zip(commands, codes, strict=True) if code
    ]
    found = await redemptions_repository.read_redeemables(conn, wanted) if wanted else {}
    judged = [_judge(command, code, found) for command, code in zip(commands, codes, strict=True)]
    # Of several for one coupon in this batch the first is offered; the others came second anyway.
    first = {r.coupon_id: r for r in reversed(judged) if isinstance(r, Redemption)}
    won = await redemptions_repository.insert_redemptions(conn, list(first.values())) if first else set()
    return [
        result
        if isinstance(result, Problem)
        else _answer(command, result, found, is_first=result.coupon_id in won and first[result.coupon_id] is result)
        for command, result in zip(commands, judged, strict=True)
    ]


def _judge(command: RedeemCommand, code: CouponCode | None, found: _Redeemables) -> Redemption | Problem:
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
    if coupon.withdrawal is not None:
        return Problem(
            "coupon-withdrawn",
            "Do not honour it: the offer was withdrawn. Tell the shopper why (withdrawal_reason).",
            withdrawn_at=coupon.withdrawal.at,
            withdrawal_reason=choose_reason(coupon.withdrawal, command.locale),
        )
    if coupon.expires_at <= command.now:
        return Problem("coupon-expired", "Tell the shopper that the coupon has expired.", expired_at=coupon.expires_at)
    if not coupon.is_store_covered:
        return Problem(
            "store-not-covered",
            "Tell the shopper that this coupon is for other stores.",
        )
    return Redemption(
        id=RedemptionId(new_id()),
        member_id=coupon.member_id,
        coupon_id=coupon.coupon_id,
        program_id=coupon.program_id,
        campaign_id=coupon.campaign_id,
        store_id=command.till.store_id,
        till_id=command.till.id,
        redeemed_at=command.now,
    )


def _answer(command: RedeemCommand, redemption: Redemption, found: _Redeemables, *, is_first: bool) -> Answer | Problem:
    if not is_first:
        return _already_redeemed(None)
    coupon = found[redemption.coupon_id, redemption.store_id]
    text = choose_text(coupon.offer, command.locale, coupon.store_name)
    body = RedemptionResult(
        redemption_id=redemption.id,
        member_id=redemption.member_id,
        coupon_id=redemption.coupon_id,
        campaign_id=redemption.campaign_id,
        store_id=redemption.store_id,
        redeemed_at=redemption.redeemed_at,
        title=text.title,
        body=text.body,
    )
    return Answer(201, msgspec.json.encode(body))


def _already_redeemed(redeemed_at: datetime | None) -> Problem:
    detail = "Do not honour it again: this coupon has been redeemed."
    if redeemed_at is None:  # in this very moment, at another till
        return Problem("already-redeemed", detail)
    return Problem("already-redeemed", detail, redeemed_at=redeemed_at)
