"""One event of a member, several campaigns of one exclusive group: only the best one goes on."""

from collections.abc import Sequence

from coupons.coupon import NewCoupon
from coupons.issuing.budgets import budgets_of
from coupons.issuing.exclusivity import Contender, find_winner
from coupons.issuing.hindrances_repository import find_hindrances
from coupons.issuing.rules import CouponTerms, IssueOutcome
from ids import CouponId
from kit.database import Connection
from kit.ids import new_id
from server.issuing.candidates import Candidate


async def choose_best(conn: Connection, candidates: Sequence[Candidate]) -> None:
    """The others lose to it, or keep what hinders them. Nothing is read where no two meet.

    Before anybody is held out: who is held out of the best gets nothing of the next.
    """
    contests = find_contests(candidates)
    if not contests:
        return
    wanted = [wish_of(each, each.terms) for contest in contests for each in contest if each.terms is not None]
    hindrances = iter(await find_hindrances(conn, wanted))
    for contest in contests:
        settle_contest(contest, [next(hindrances) for _ in contest])


def find_contests(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Those that are undecided, of one event and one exclusive group, where there are several."""
    groups: dict[tuple[int, str], list[Candidate]] = {}
    for each in candidates:
        if each.outcome is None and each.campaign.exclusive_group is not None:
            groups.setdefault((each.event_index, each.campaign.exclusive_group), []).append(each)
    return [group for group in groups.values() if len(group) > 1]


def settle_contest(contest: Sequence[Candidate], hindrances: Sequence[IssueOutcome | None]) -> None:
    """`hindrances`: of each of them, in order."""
    contenders = [Contender(each.campaign, hindrance) for each, hindrance in zip(contest, hindrances, strict=True)]
    winner = find_winner(contenders)
    for each, contender in zip(contest, contenders, strict=True):
        if contender is not winner:
            each.outcome = contender.hindrance or "lost_to_campaign"
            if contender.hindrance is None:
                each.inputs = {"winner": winner.campaign.name, "winner_id": str(winner.campaign.id)}


def wish_of(candidate: Candidate, terms: CouponTerms) -> NewCoupon:
    """What would be issued, as far as it can be hindered."""
    campaign, event = candidate.campaign, candidate.event
    return NewCoupon(
        id=CouponId(new_id()),
        member_id=event.member_id,
        program_id=event.program_id,
        campaign_id=campaign.id,
        budgets=budgets_of(campaign, event.store_id, terms.business_day),
        period_key=terms.period_key,
        store_id=event.store_id,
        event_at=event.event_at,
        business_day=terms.business_day,
        issued_at=event.now,
        expires_at=terms.expires_at,
        last_before=terms.last_before,
    )
