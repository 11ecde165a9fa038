"""What a campaign's coupons are to be worth and when they may be used, as the staff write it: checked here."""

from collections.abc import Sequence

from coupons.redemptions.benefits import Benefit, ExtraStamps, FreeItem, Grant, ItemPrice, TextOnly, is_reward
from coupons.redemptions.conditions import Conditions
from ids import ProgramId, StoreId
from kit.database import Connection
from points import ranks_repository, rules_repository, stamps_repository
from programs import stores_repository
from server.campaigns.bodies import CampaignRequest
from server.problems import Problem


async def check_grant(
    conn: Connection, program_id: ProgramId, data: CampaignRequest, of_campaign: Sequence[StoreId] | None
) -> Grant:
    """`of_campaign`: its stores; None: all. Raises Problem, which names the field."""
    conditions = data.conditions or Conditions()
    grant = Grant(benefit=data.benefit or TextOnly(), conditions=conditions, uses=data.coupon_uses)
    if isinstance(grant.benefit, FreeItem | ItemPrice) and not conditions.holds_for_some:
        raise _invalid("Name in conditions.item_codes or conditions.categories which items the benefit is for.")
    if (conditions.company == "group") != (conditions.group is not None):
        raise _invalid("Give conditions.group where conditions.company is group, and only there.")
    usable_from, over_at = conditions.usable_from, data.coupon_valid_until
    if usable_from is not None and over_at is not None and usable_from >= over_at:
        raise _invalid("Give conditions.usable_from earlier than coupon_valid_until.")
    if conditions.usable_offline and not grant.is_usable_offline:
        raise _invalid(
            "Leave out conditions.usable_offline: a till without a line knows no ranks, and cannot judge a coupon that"
            " asks for a least amount or for items, or brings points or stamps."
        )
    if conditions.store_ids is not None:
        await _check_stores(conn, program_id, conditions, of_campaign)
    if conditions.ranks:
        await _check_ranks(conn, program_id, conditions)
    if is_reward(grant.benefit):
        await _check_reward(conn, program_id, grant.benefit)
    return grant


async def _check_stores(
    conn: Connection, program_id: ProgramId, conditions: Conditions, of_campaign: Sequence[StoreId] | None
) -> None:
    store_ids = conditions.store_ids or []
    if of_campaign is not None and not set(store_ids) <= set(of_campaign):
        raise _invalid("Name in conditions.store_ids only stores that the campaign is for.")
    if not await stores_repository.are_own_stores(conn, program_id, store_ids):
        raise Problem("store-unknown", "Name in conditions.store_ids only stores of your program that are not closed.")


async def _check_ranks(conn: Connection, program_id: ProgramId, conditions: Conditions) -> None:
    rules = (await ranks_repository.read_rank_rules(conn, [program_id])).get(program_id)
    known = set() if rules is None else {rank.code for rank in rules.ranks}
    unknown = sorted(set(conditions.ranks) - known)
    if unknown:
        raise _invalid(f"Name in conditions.ranks only codes of your program's ranks; {unknown[0]!r} is none.")


async def _check_reward(conn: Connection, program_id: ProgramId, benefit: Benefit) -> None:
    if isinstance(benefit, ExtraStamps):
        cards = (await stamps_repository.read_stamp_cards(conn, [program_id])).get(program_id, ())
        if benefit.stamp_card not in {card.code for card in cards}:
            raise _invalid("Name in benefit.stamp_card the code of a stamp card that your program stamps.")
    elif program_id not in await rules_repository.read_point_rules(conn, [program_id]):
        raise Problem("points-disabled", "Set the program's point rules first: this benefit brings points.")


def _invalid(detail: str) -> Problem:
    return Problem("invalid-request", detail)
