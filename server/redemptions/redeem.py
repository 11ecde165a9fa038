"""`redeem`: a coupon is used at a till by its code alone. The key of `redemptions` decides who comes first.

The short way, for coupons that need no basket to be judged. The till reckons what they take off.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts
from coupons.coupon_codes import CouponCode, read_coupon_code
from coupons.offers import choose_text
from coupons.redemptions import redemptions_repository
from coupons.redemptions.benefits import Benefit
from coupons.redemptions.redemption import RedeemableCoupon, Taking
from coupons.redemptions.usability import judge_coupon
from ids import CampaignId, CouponId, MemberId, RedemptionId, StoreId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from kit.sealing import Keyring
from programs.tills_repository import Till
from server.problems import Problem
from server.redemptions.presented import refuse_anew
from server.redemptions.refusals import coupon_unknown, explain_refusal
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
    benefit: Benefit
    """What it is worth, for the till to reckon."""


async def redeem(conn: Connection, keyring: Keyring, commands: Sequence[RedeemCommand]) -> Sequence[Answer | Exception]:
    codes = [read_coupon_code(keyring, command.presented) for command in commands]
    wanted = [
        (code.member_id, code.coupon_id, c.till.store_id) for c, code in zip(commands, codes, strict=True) if code
    ]
    if wanted:
        await redemptions_repository.hold_campaigns(conn, wanted)
    found = await redemptions_repository.read_redeemables(conn, wanted, commands[0].now) if wanted else {}
    judged = [_judge(command, code, found) for command, code in zip(commands, codes, strict=True)]
    # Of several for a single use in this batch the first is offered; the others came second anyway.
    first = {r.coupon_id: r for r in reversed(judged) if isinstance(r, Taking)}
    offered = [r for r in judged if isinstance(r, Taking) and (r.uses > 1 or first[r.coupon_id] is r)]
    made = await redemptions_repository.take_uses(conn, offered) if offered else set()
    await _count_used(conn, [each.member_id for each in offered if each.id in made])
    answers: list[Answer | Exception] = []
    for command, result in zip(commands, judged, strict=True):
        if isinstance(result, Problem):
            answers.append(result)
        elif result.id in made:
            answers.append(_answer(command, result, found))
        else:
            coupon = found[result.coupon_id, result.store_id]
            answers.append(await refuse_anew(conn, coupon, "redeemed", command.locale, command.now))
    return answers


async def _count_used(conn: Connection, members: Iterable[MemberId]) -> None:
    counts = Counter(members)
    await add_to_facts(conn, {member_id: FactsDelta(coupons_used=count) for member_id, count in counts.items()})


def _judge(command: RedeemCommand, code: CouponCode | None, found: _Redeemables) -> Taking | Problem:
    coupon = found.get((code.coupon_id, command.till.store_id)) if code else None
    if coupon is None or coupon.program_id != command.till.program_id:
        return coupon_unknown()
    refusal = judge_coupon(coupon, command.now)
    if refusal is not None:
        return explain_refusal(refusal, coupon, command.locale)
    if coupon.grant.needs_basket:
        return Problem(
            "basket-required", "Send it to POST /v1/reservations, with the basket: that says what it is worth."
        )
    return Taking(
        id=RedemptionId(new_id()),
        member_id=coupon.member_id,
        coupon_id=coupon.coupon_id,
        uses=coupon.grant.uses,
        store_id=command.till.store_id,
        till_id=command.till.id,
        taken_at=command.now,
    )


def _answer(command: RedeemCommand, redemption: Taking, found: _Redeemables) -> Answer:
    coupon = found[redemption.coupon_id, redemption.store_id]
    text = choose_text(coupon.offer, command.locale, coupon.store_name)
    body = RedemptionResult(
        redemption_id=redemption.id,
        member_id=redemption.member_id,
        coupon_id=redemption.coupon_id,
        campaign_id=coupon.campaign_id,
        store_id=redemption.store_id,
        redeemed_at=redemption.taken_at,
        title=text.title,
        body=text.body,
        benefit=coupon.grant.benefit,
    )
    return Answer(201, msgspec.json.encode(body))
