"""How a program rewards: its point rules, stamp cards and ranks, each set as a whole by an owner."""

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import JSONBody

from coupons.campaigns import campaigns_repository
from coupons.campaigns.triggers import TRIGGERS
from ids import CampaignId, StampCardId
from kit.codes import Code
from kit.database import Connection, connect
from kit.ids import new_id
from kit.locales import Locale
from kit.names import Name
from points import ranks_repository, rules_repository, stamps_repository
from points.ranks import Measure, Period, Rank, RankRules
from points.rules import PointRules
from points.stamps import StampCard, StampSource
from programs.staff_repository import Session
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.store_fields import require_time_zone
from server.web.writes import write

Points = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
TimeZone = Annotated[str, msgspec.Meta(examples=["Asia/Tokyo"])]
Names: TypeAlias = Annotated[dict[Locale, Name], msgspec.Meta(min_length=1)]


class PointRulesRequest(Body, frozen=True, kw_only=True):
    """What purchases and visits earn. Each whole `amount_step` of a purchase earns `step_points`."""

    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}(?!\n)$", description="three capitals of ISO 4217")] = (
        "JPY"
    )
    """The program's currency (ISO 4217). It cannot change once it is set."""
    amount_step: Annotated[int, msgspec.Meta(ge=1, le=10**12)]
    """In minor units of the currency (for yen: whole yen)."""
    step_points: Points
    """The points for each whole step."""
    visit_points: Points = 0
    """The points for the first visit of a business day at a store."""
    valid_days: Days | None = None
    """Points expire so many days after the day on which they were earned, at its end. Null: never."""
    time_zone: TimeZone
    """The IANA name of the time zone in which a day ends."""


class NewStampCard(Body, frozen=True, kw_only=True):
    """A stamp card. `source` and `stamps_needed` of a code never change."""

    code: Code
    """Names the card: 3 to 40 of a-z, 0-9 and hyphens."""
    name: Names
    """The card's name in Japanese, English or both."""
    source: StampSource
    """What earns a stamp: a visit, or a purchase."""
    min_amount: Amount = 0
    """A smaller purchase earns no stamp; in minor units of the program's currency."""
    stamps_needed: Annotated[int, msgspec.Meta(ge=1, le=100)]
    """How many stamps fill the card."""
    campaign_id: CampaignId | None = None
    """A campaign with the trigger `stamps`, for every store: a full card earns its coupon. Null: the full card itself
    is the reward.
    """


class StampCardsRequest(Body, frozen=True):
    """The stamp cards of the program."""

    cards: Annotated[list[NewStampCard], msgspec.Meta(max_length=20)]
    """All cards that are stamped from now on. A card that is not named ends; its stamps stay."""


class StampCards(msgspec.Struct, frozen=True):
    """The stamp cards of the program."""

    cards: list[StampCard]
    """All cards that are stamped now."""


class NewRank(Body, frozen=True):
    """A rank of the program."""

    code: Code
    """Names the rank: 3 to 40 of a-z, 0-9 and hyphens."""
    name: Names
    """The rank's name in Japanese, English or both."""
    threshold: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    """A member who has gathered so much has the rank: points, visits, or minor units of the program's currency."""


class RankRulesRequest(Body, frozen=True, kw_only=True):
    """How members reach ranks."""

    measure: Measure
    """What is counted: earned points, visits, or the money that was spent."""
    period: Period
    """`year` and `month`: a rank holds to the end of the next calendar period. `rolling`: as long as the last
    `rolling_days` reach it.
    """
    rolling_days: Days | None = None
    """With `rolling` only: how many days count."""
    time_zone: TimeZone
    """The IANA name of the time zone in which a period ends."""
    ranks: Annotated[list[NewRank], msgspec.Meta(min_length=1, max_length=20)]
    """The ranks, in any order."""


class LoyaltyController(Controller):
    path = "/v1/program"
    tags = ("Loyalty",)

    @get("/points", operation_id="getPointRules", summary="The program's point rules")
    async def get_point_rules(self, staff: SessionDependency, services: ServicesDependency) -> PointRules:
        async with connect(services.pool) as conn:
            rules = await rules_repository.read_point_rules(conn, [staff.program_id])
        if staff.program_id not in rules:
            raise not_found("set of point rules")
        return rules[staff.program_id]

    @put("/points", operation_id="updatePointRules", summary="Set the point rules; what was posted stays as it is")
    async def update_point_rules(
        self, data: JSONBody[PointRulesRequest], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[PointRules]:
        async def work(conn: Connection, now: datetime) -> PointRules:
            require_time_zone(data.time_zone)
            rules = PointRules(
                program_id=staff.program_id, **{name: getattr(data, name) for name in data.__struct_fields__}
            )
            former = (await rules_repository.read_point_rules(conn, [staff.program_id])).get(staff.program_id)
            if former is not None and former.currency != rules.currency:
                raise Problem("currency-immutable", f"Keep {former.currency}: all amounts so far are in it.")
            await rules_repository.upsert_point_rules(conn, rules, now)
            return rules

        return await write(request, services, work)

    @get("/stamp-cards", operation_id="getStampCards", summary="The stamp cards that are stamped now")
    async def get_stamp_cards(self, staff: SessionDependency, services: ServicesDependency) -> StampCards:
        async with connect(services.pool) as conn:
            cards = await stamps_repository.read_stamp_cards(conn, [staff.program_id])
        return StampCards(cards.get(staff.program_id, []))

    @put("/stamp-cards", operation_id="updateStampCards", summary="Set the stamp cards; those that are not named end")
    async def update_stamp_cards(
        self, data: JSONBody[StampCardsRequest], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[StampCards]:
        async def work(conn: Connection, now: datetime) -> StampCards:
            cards = await _checked_cards(conn, staff, data.cards, now)
            await stamps_repository.upsert_stamp_cards(conn, staff.program_id, cards, now)
            return StampCards(cards)

        return await write(request, services, work)

    @get("/ranks", operation_id="getRankRules", summary="The program's ranks and how they are reached")
    async def get_rank_rules(self, staff: SessionDependency, services: ServicesDependency) -> RankRules:
        async with connect(services.pool) as conn:
            rules = await ranks_repository.read_rank_rules(conn, [staff.program_id])
        if staff.program_id not in rules:
            raise not_found("set of ranks")
        return rules[staff.program_id]

    @put("/ranks", operation_id="updateRankRules", summary="Set the ranks; every member's rank is determined again")
    async def update_rank_rules(
        self, data: JSONBody[RankRulesRequest], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[RankRules]:
        async def work(conn: Connection, now: datetime) -> RankRules:
            rules = _checked_ranks(staff, data)
            version = await ranks_repository.upsert_rank_rules(conn, rules, now)
            return msgspec.structs.replace(rules, version=version)

        return await write(request, services, work)


def _require_different(what: str, values: list[str] | list[int]) -> None:
    if len(set(values)) != len(values):
        raise Problem("invalid-request", f"Give each {what} once.")


async def _checked_cards(
    conn: Connection, staff: Session, bodies: list[NewStampCard], now: datetime
) -> list[StampCard]:
    """Raises Problem."""
    codes = [body.code for body in bodies]
    _require_different("code", codes)
    known = {card.code: card for card in await stamps_repository.find_stamp_cards(conn, staff.program_id, codes)}
    for body in bodies:
        former = known.get(body.code)
        if former is not None and (former.source, former.stamps_needed) != (body.source, body.stamps_needed):
            raise Problem("stamp-card-immutable", f"Give the new card another code: members hold {body.code}.")
        if body.campaign_id is not None:
            await _require_stamp_campaign(conn, staff, body.campaign_id)
    return [
        StampCard(
            id=known[body.code].id if body.code in known else StampCardId(new_id()),
            program_id=staff.program_id,
            code=body.code,
            name=body.name,
            source=body.source,
            min_amount=body.min_amount,
            stamps_needed=body.stamps_needed,
            campaign_id=body.campaign_id,
            created_at=known[body.code].created_at if body.code in known else now,
        )
        for body in bodies
    ]


async def _require_stamp_campaign(conn: Connection, staff: Session, campaign_id: CampaignId) -> None:
    campaign = await campaigns_repository.find_campaign(conn, staff.program_id, campaign_id)
    is_for_cards = campaign is not None and TRIGGERS[campaign.trigger.kind].recorded_with == "stamp_card"
    if campaign is None or not is_for_cards or campaign.store_ids is not None or campaign.state == "ended":
        raise Problem(
            "campaign-not-for-stamp-cards",
            "Name a campaign of your program that has the trigger 'stamps', is for every store and has not ended.",
        )


def _checked_ranks(staff: Session, data: RankRulesRequest) -> RankRules:
    """Raises Problem."""
    require_time_zone(data.time_zone)
    _require_different("code", [rank.code for rank in data.ranks])
    _require_different("threshold", [rank.threshold for rank in data.ranks])
    if (data.period == "rolling") != (data.rolling_days is not None):
        raise Problem("invalid-request", "Give rolling_days with the period 'rolling', and with no other.")
    ranks = sorted((Rank(rank.code, rank.name, rank.threshold) for rank in data.ranks), key=lambda rank: rank.threshold)
    return RankRules(
        program_id=staff.program_id,
        measure=data.measure,
        period=data.period,
        rolling_days=data.rolling_days,
        time_zone=data.time_zone,
        ranks=tuple(ranks),
        version=0,
    )
