"""`claim_paper_code`: a code on paper becomes an ordinary coupon of a member, who shows it in the app or at a till.

A single code does so once: the key of `spent_paper_codes` decides between two who claim it, and between a claim and a
cancellation. It is written before the coupon is issued, and undone with everything else where none is. A public code
gives each person one coupon; how many there are in all is for the caps of its campaign.
"""

from datetime import datetime

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts
from coupons.campaigns.triggers import TriggerEvent
from coupons.paper import paper_codes_repository
from coupons.paper.paper_code_batch import PaperCodeBatch
from coupons.paper.paper_codes import PaperCode, read_paper_code, read_public_code
from ids import CouponId, MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.sealing import Keyring
from members.aliases_repository import history_ids, lock_active_member
from members.members_repository import find_verified
from server.issuing.grant_offers import grant_offers
from server.messages.member_zones import read_member_zones
from server.problems import Problem
from server.runtime.snapshot import Snapshot


class PaperCodeClaim(msgspec.Struct, frozen=True, kw_only=True):
    """`presented`: as it was scanned or typed. `store_id`: of the till; None: in the app."""

    program_id: ProgramId
    member_id: MemberId
    presented: str
    store_id: StoreId | None
    now: datetime


class ClaimedCoupon(msgspec.Struct, frozen=True):
    """The coupon that the code has become. `is_new`: by this claim; the caller notes it in the facts, last of all.

    `holder_id`: the member, or one who became them.
    """

    holder_id: MemberId
    coupon_id: CouponId
    is_new: bool


async def claim_paper_code(
    conn: Connection, keyring: Keyring, snapshot: Snapshot, claim: PaperCodeClaim
) -> ClaimedCoupon:
    """The same coupon where this person has claimed the code before. Raises Problem."""
    code, batch = await _hold_batch(conn, keyring, claim)
    if await lock_active_member(conn, claim.member_id) != "active":
        raise Problem(
            "invalid-member-state", "Nothing to do: the member has become another one or left in this moment."
        )
    names = await history_ids(conn, claim.member_id)
    period_key = f"code-{batch.number}" if code is None else f"code:{batch.number}:{code.serial}"

    async def find_own() -> ClaimedCoupon | None:
        own = await paper_codes_repository.find_claimed_coupon(conn, names, batch.campaign_id, period_key)
        return None if own is None else ClaimedCoupon(*own, is_new=False)

    if (had := await find_own()) is not None:
        return had
    if batch.withdrawn_at is not None:
        raise refuse_code("withdrawn")
    if code is not None and not await paper_codes_repository.claim_code(conn, code, claim.member_id, claim.now):
        if (had := await find_own()) is not None:  # in this very moment, by another device of theirs
            return had
        spent = await paper_codes_repository.find_spent_code(conn, code)
        raise refuse_code("cancelled" if spent is not None and spent.cancelled_at is not None else "used")
    issued = await _issue(conn, snapshot, claim, batch, period_key)
    if isinstance(issued, str):
        if issued == "already_issued" and (had := await find_own()) is not None:
            return had
        raise refuse_code(issued)
    return ClaimedCoupon(claim.member_id, issued, is_new=True)


async def _hold_batch(
    conn: Connection, keyring: Keyring, claim: PaperCodeClaim
) -> tuple[PaperCode | None, PaperCodeBatch]:
    """What was presented (None: a public word), and its batch, until the commit. Raises Problem."""
    word = read_public_code(claim.presented)
    code = None if word else read_paper_code(keyring, claim.presented)
    if isinstance(code, str):
        raise refuse_code(code)
    number = None if code is None else code.batch_number
    batch = await paper_codes_repository.hold_batch(conn, claim.program_id, number, word)
    if batch is None or (code is not None and code.serial >= (batch.size or 0)):
        raise refuse_code("unknown")
    return code, batch


async def note_claim(conn: Connection, claim: PaperCodeClaim, claimed: ClaimedCoupon) -> None:
    """Nothing may be locked after it in the transaction."""
    if claimed.is_new:
        await add_to_facts(conn, {claim.member_id: FactsDelta(coupons_issued=1)})


def refuse_code(reason: str) -> Problem:
    return Problem("paper-code-refused", _DETAILS.get(reason, _NOT_ISSUED), reason=reason)


async def _issue(
    conn: Connection, snapshot: Snapshot, claim: PaperCodeClaim, batch: PaperCodeBatch, period_key: str
) -> CouponId | str:
    """Or why there is none."""
    zones = await read_member_zones(conn, [claim.member_id])
    event = TriggerEvent(
        trigger="code",
        member_id=claim.member_id,
        program_id=claim.program_id,
        store_id=claim.store_id,
        event_at=claim.now,
        now=claim.now,
        time_zone=zones[claim.member_id],
        is_verified=claim.member_id in await find_verified(conn, [claim.member_id]),
        campaign_id=batch.campaign_id,
        period_key=period_key,
    )
    (result,) = await grant_offers(conn, snapshot, [event])
    if result.coupon_ids:
        return result.coupon_ids[0]
    return result.decisions.get(batch.campaign_id, "not_running")


_NOT_ISSUED = "Tell the shopper that the code gives them no coupon now (reason)."
_DETAILS = {
    "mistyped": "Read the code again: a character is wrong or missing.",
    "unknown": "Do not honour it: nobody has printed this code.",
    "used": "Do not honour it: somebody else has used this code.",
    "cancelled": "Do not honour it: this code was cancelled.",
    "withdrawn": "Do not honour it: these codes were withdrawn.",
    "already_issued": "Do not honour it: the shopper has had the coupon of this code.",
    "cap_reached": "Tell the shopper that all coupons of this code are gone.",
}
