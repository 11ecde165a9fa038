"""What a member has gathered: points, stamps and rank, and the one answer that an app's home screen needs."""

from datetime import datetime

import msgspec
from litestar import Controller, get

from cards import cards_repository
from coupons import coupons_repository
from ids import MemberId, ProgramId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.locales import Locale
from kit.pages import NEWEST, Page, PageRequest, make_page
from members.aliases_repository import history_ids
from points import postings_repository, ranks_repository, stamps_repository
from points.posting import Balance, PointPosting
from points.ranks import Rank, RankChange
from points.rules import Names
from points.stamps import Progress, StampSource
from server.campaigns.coupon_views import Coupon, view_coupon
from server.problems import not_found
from server.rewards.ranks import read_rank_code, read_rank_status
from server.web.dependencies import DeviceDependency, PageDependency, ServicesDependency
from visits import behaviour_repository
from visits.behaviour import Behaviour

COUPONS_AT_HOME = 10


class PointsView(msgspec.Struct, frozen=True, kw_only=True):
    """`expiring_points` of the balance expire at `expires_at`. `history`: the postings, newest first."""

    balance: int
    owed: int
    expiring_points: int
    expires_at: datetime | None
    history: Page[PointPosting]


class StampView(msgspec.Struct, frozen=True, kw_only=True):
    """`on_card`: stamps on the card that is being filled; `completed`: cards that were full."""

    code: str
    name: Names
    source: StampSource
    stamps_needed: int
    on_card: int
    completed: int


class StampsView(msgspec.Struct, frozen=True):
    cards: list[StampView]


class RankView(msgspec.Struct, frozen=True, kw_only=True):
    """`rank` null: none yet. `missing`: what is still to be gathered for `next_rank` in this period."""

    rank: Rank | None
    gathered: int
    valid_until: datetime | None
    next_rank: Rank | None
    missing: int | None
    history: Page[RankChange]


class HomeView(msgspec.Struct, frozen=True, kw_only=True):
    """`coupons`: the newest that can be used; `has_more_coupons` where there are others."""

    card_number: str
    points: Balance
    rank_code: str | None
    coupons: list[Coupon]
    has_more_coupons: bool
    visits: Behaviour


class RewardsController(Controller):
    path = "/v1/me"
    tags = ("Member",)

    @get(
        "/summary",
        operation_id="getMySummary",
        summary="The home screen: card, balance, coupons, visits, in one answer",
    )
    async def get_my_summary(self, device: DeviceDependency, services: ServicesDependency) -> HomeView:
        async with connect(services.pool) as conn:
            return await read_home(conn, device.member_id, device.locale, utc_now())

    @get("/points", operation_id="getMyPoints", summary="The points, with what came and went, newest first")
    async def get_my_points(
        self, device: DeviceDependency, services: ServicesDependency, page: PageDependency
    ) -> PointsView:
        async with connect(services.pool) as conn:
            return await read_points(conn, device.member_id, page, utc_now())

    @get("/stamps", operation_id="getMyStamps", summary="The stamp cards")
    async def get_my_stamps(self, device: DeviceDependency, services: ServicesDependency) -> StampsView:
        async with connect(services.pool) as conn:
            return await read_stamps(conn, device.program_id, device.member_id)

    @get("/rank", operation_id="getMyRank", summary="The rank, what the next one needs, and how it came, newest first")
    async def get_my_rank(
        self, device: DeviceDependency, services: ServicesDependency, page: PageDependency
    ) -> RankView:
        async with connect(services.pool) as conn:
            return await read_rank(conn, device.program_id, device.member_id, page, utc_now())


async def read_home(conn: Connection, member_id: MemberId, locale: Locale, now: datetime) -> HomeView:
    """Five look-ups by the member's key; nothing is kept ready for it (docs/benchmarks.md has what they take)."""
    card = await cards_repository.find_card(conn, member_id)
    if card is None:
        raise not_found("card")
    members = await history_ids(conn, member_id)
    first_page = PageRequest(NEWEST, COUPONS_AT_HOME)
    coupons = await coupons_repository.list_coupons_of_member(conn, members, first_page, now)
    return HomeView(
        card_number=card.number,
        points=await postings_repository.read_balance(conn, member_id, now),
        rank_code=await read_rank_code(conn, card.program_id, member_id, now),
        coupons=[view_coupon(coupon, locale) for coupon in coupons[:COUPONS_AT_HOME]],
        has_more_coupons=len(coupons) > COUPONS_AT_HOME,
        visits=await behaviour_repository.read_behaviour(conn, members),
    )


async def read_points(conn: Connection, member_id: MemberId, page: PageRequest, now: datetime) -> PointsView:
    balance = await postings_repository.read_balance(conn, member_id, now)
    rows = await postings_repository.list_postings(conn, member_id, page)
    return PointsView(
        balance=balance.balance,
        owed=balance.owed,
        expiring_points=balance.expiring_points,
        expires_at=balance.expires_at,
        history=make_page(rows, page, lambda posting: posting.id),
    )


async def read_stamps(conn: Connection, program_id: ProgramId, member_id: MemberId) -> StampsView:
    cards = (await stamps_repository.read_stamp_cards(conn, [program_id])).get(program_id, [])
    progress = await stamps_repository.read_progress(conn, [member_id]) if cards else {}
    views = []
    for card in cards:
        state = progress.get((member_id, card.id), Progress(0, 0))
        views.append(
            StampView(
                code=card.code,
                name=card.name,
                source=card.source,
                stamps_needed=card.stamps_needed,
                on_card=state.on_card(card),
                completed=state.completed,
            )
        )
    return StampsView(views)


async def read_rank(
    conn: Connection, program_id: ProgramId, member_id: MemberId, page: PageRequest, now: datetime
) -> RankView:
    changes = await ranks_repository.list_rank_changes(conn, member_id, page)
    history = make_page(changes, page, lambda change: change.id)
    rules = (await ranks_repository.read_rank_rules(conn, [program_id])).get(program_id)
    if rules is None:
        return RankView(
            rank=None,
            gathered=0,
            valid_until=None,
            next_rank=None,
            missing=None,
            history=history,
        )
    standing = await read_rank_status(conn, rules, member_id, now)
    return RankView(
        rank=standing.rank,
        gathered=standing.gathered,
        valid_until=standing.valid_until,
        next_rank=standing.next_rank,
        missing=standing.missing,
        history=history,
    )
