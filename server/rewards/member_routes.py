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
from kit.sealing import Keyring
from members.aliases_repository import history_ids
from points import postings_repository, ranks_repository, stamps_repository
from points.posting import Balance, PointPosting
from points.ranks import Rank, RankChange
from points.rules import Names
from points.stamps import Progress, StampSource
from server.campaigns.coupon_views import Coupon, view_coupon
from server.problems import not_found
from server.rewards.ranks import read_current_rank, read_rank_status
from server.web.dependencies import DeviceDependency, PageDependency, ServicesDependency
from visits import behaviour_repository
from visits.behaviour import Behaviour

COUPONS_AT_HOME = 10


class MemberPoints(msgspec.Struct, frozen=True, kw_only=True):
    """The points of a member, and how they came."""

    balance: int
    """The points that can be spent now."""
    owed: int
    """Points that a refund could not take because they were spent: the next points that come settle them."""
    expiring_points: int
    """How many points of the balance expire first."""
    expires_at: datetime | None
    """When those expire; null: none do."""
    history: Page[PointPosting]
    """What came and went, the newest first."""


class MemberStampCard(msgspec.Struct, frozen=True, kw_only=True):
    """A stamp card, as far as a member has filled it."""

    code: str
    """Names the card."""
    name: Names
    """The card's name, by language."""
    source: StampSource
    """What earns a stamp: a visit, or a purchase."""
    stamps_needed: int
    """How many stamps fill the card."""
    on_card: int
    """How many stamps the card that is being filled has."""
    completed: int
    """How many cards the member has filled."""


class MemberStampCards(msgspec.Struct, frozen=True):
    """The stamp cards of a member."""

    cards: list[MemberStampCard]
    """Every card that is stamped now, also those without a stamp."""


class MemberRankSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The rank of a member, and what the next one needs. What is counted is the program's choice: points, visits, or
    minor units of its currency.
    """

    rank: Rank | None
    """The rank now; null: none yet."""
    gathered: int
    """How much the member has gathered in the current period."""
    valid_until: datetime | None
    """Until when the rank holds if nothing more comes; null: without an end."""
    next_rank: Rank | None
    """The next higher rank; null: there is none."""
    missing: int | None
    """How much is still missing for `next_rank` in this period; null: there is none."""
    ranks: list[Rank]
    """Every rank of the program, from the lowest: the names of the codes in `history`, and the way up."""
    history: Page[RankChange]
    """How the rank changed, the newest first."""


class HomeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What an app's home screen shows."""

    card_number: str
    """The thirteen digits of the card's number."""
    points: Balance
    """The points."""
    rank: Rank | None
    """The rank, with its name; null: none yet."""
    coupons: list[Coupon]
    """The newest coupons that can be used, ten at most."""
    has_more_coupons: bool
    """Whether there are others: GET /v1/me/coupons lists them."""
    visits: Behaviour
    """How the member comes."""


class RewardsController(Controller):
    path = "/v1/me"
    tags = ("Member",)

    @get(
        "/summary",
        operation_id="getMySummary",
        summary="The home screen: card, balance, coupons, visits, in one answer",
    )
    async def get_my_summary(self, device: DeviceDependency, services: ServicesDependency) -> HomeSummary:
        async with connect(services.pool) as conn:
            return await read_home(
                conn, services.keyring, device.member_id, device.locale, utc_now(), services.settings.public_url
            )

    @get("/points", operation_id="getMyPoints", summary="The points, with what came and went, newest first")
    async def get_my_points(
        self, device: DeviceDependency, services: ServicesDependency, page: PageDependency
    ) -> MemberPoints:
        async with connect(services.pool) as conn:
            return await read_points(conn, device.member_id, page, utc_now())

    @get("/stamps", operation_id="getMyStamps", summary="The stamp cards")
    async def get_my_stamps(self, device: DeviceDependency, services: ServicesDependency) -> MemberStampCards:
        async with connect(services.pool) as conn:
            return await read_stamps(conn, device.program_id, device.member_id)

    @get("/rank", operation_id="getMyRank", summary="The rank, what the next one needs, and how it came, newest first")
    async def get_my_rank(
        self, device: DeviceDependency, services: ServicesDependency, page: PageDependency
    ) -> MemberRankSummary:
        async with connect(services.pool) as conn:
            return await read_rank(conn, device.program_id, device.member_id, page, utc_now())


async def read_home(
    conn: Connection,
    keyring: Keyring,
    member_id: MemberId,
    locale: Locale,
    now: datetime,
    public_url: str | None,
) -> HomeSummary:
    """Look-ups by the member's key; nothing is kept ready for it (docs/benchmarks.md has what they take).

    `public_url`: where phones reach this server, where that is set.
    """
    card = await cards_repository.find_card(conn, member_id)
    if card is None:
        raise not_found("card")
    members = await history_ids(conn, member_id)
    first_page = PageRequest(NEWEST, COUPONS_AT_HOME)
    coupons = await coupons_repository.list_coupons_of_member(conn, members, first_page, now)
    return HomeSummary(
        card_number=card.number,
        points=await postings_repository.read_balance(conn, member_id, now),
        rank=await read_current_rank(conn, card.program_id, member_id, now),
        coupons=[view_coupon(coupon, locale, keyring, public_url) for coupon in coupons[:COUPONS_AT_HOME]],
        has_more_coupons=len(coupons) > COUPONS_AT_HOME,
        visits=await behaviour_repository.read_behaviour(conn, members),
    )


async def read_points(conn: Connection, member_id: MemberId, page: PageRequest, now: datetime) -> MemberPoints:
    balance = await postings_repository.read_balance(conn, member_id, now)
    rows = await postings_repository.list_postings(conn, member_id, page)
    return MemberPoints(
        balance=balance.balance,
        owed=balance.owed,
        expiring_points=balance.expiring_points,
        expires_at=balance.expires_at,
        history=make_page(rows, page, lambda posting: posting.id),
    )


async def read_stamps(conn: Connection, program_id: ProgramId, member_id: MemberId) -> MemberStampCards:
    cards = (await stamps_repository.read_stamp_cards(conn, [program_id])).get(program_id, [])
    progress = await stamps_repository.read_progress(conn, [member_id]) if cards else {}
    views = []
    for card in cards:
        state = progress.get((member_id, card.id), Progress(0, 0))
        views.append(
            MemberStampCard(
                code=card.code,
                name=card.name,
                source=card.source,
                stamps_needed=card.stamps_needed,
                on_card=state.on_card(card),
                completed=state.completed,
            )
        )
    return MemberStampCards(views)


async def read_rank(
    conn: Connection, program_id: ProgramId, member_id: MemberId, page: PageRequest, now: datetime
) -> MemberRankSummary:
    changes = await ranks_repository.list_rank_changes(conn, member_id, page)
    history = make_page(changes, page, lambda change: change.id)
    rules = (await ranks_repository.read_rank_rules(conn, [program_id])).get(program_id)
    if rules is None:
        return MemberRankSummary(
            rank=None,
            gathered=0,
            valid_until=None,
            next_rank=None,
            missing=None,
            ranks=[],
            history=history,
        )
    standing = await read_rank_status(conn, rules, member_id, now)
    return MemberRankSummary(
        rank=standing.rank,
        gathered=standing.gathered,
        valid_until=standing.valid_until,
        next_rank=standing.next_rank,
        missing=standing.missing,
        ranks=list(rules.ranks),
        history=history,
    )
