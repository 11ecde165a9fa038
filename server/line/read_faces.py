"""What the chat shows of a member: their card, and the coupons that they can use now."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_datetime

from cards.cards_repository import find_card
from channels.line.flex import MAX_BUBBLES, CardFace, CouponFace
from coupons.coupon import MemberCoupon
from coupons.coupons_repository import list_usable_coupons
from coupons.offers import choose_text
from ids import MemberId
from kit.database import Connection
from kit.locales import Locale
from kit.sql import load_queries
from members.aliases_repository import history_ids
from points.ranks_repository import read_member_ranks, read_rank_rules
from points.rules_repository import read_point_rules
from programs.programs_repository import Program
from server.line.link_page import add_parameter
from server.messages.picture_urls import picture_url

QUERIES = load_queries(__file__, "faces.sql")


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who is shown it. `link_url`: the page of the program's app; the buttons open it."""

    program: Program
    member_id: MemberId
    locale: Locale
    link_url: str | None
    public_url: str | None

    def page(self, name: str, value: str) -> str | None:
        return None if self.link_url is None else add_parameter(self.link_url, name, value)


async def read_card(conn: Connection, reader: Reader, now: datetime) -> CardFace | None:
    """None for somebody whose card is no longer good."""
    card = await find_card(conn, reader.member_id)
    if card is None:
        return None
    program_id = reader.program.id
    has_points = program_id in await read_point_rules(conn, [program_id])
    balance = await conn.fetchval(QUERIES.read_balance, reader.member_id, now) if has_points else None
    return CardFace(
        number=card.number, balance=balance, rank=await _read_rank(conn, reader), open_url=reader.page("open", "card")
    )


async def read_coupons(conn: Connection, reader: Reader, now: datetime) -> list[CouponFace]:
    """Those that can be used now, the one that ends first in front; as many as a message holds."""
    coupons = await list_usable_coupons(conn, await history_ids(conn, reader.member_id), now)
    return [_face(each, reader) for each in sorted(coupons, key=lambda each: each.expires_at)[:MAX_BUBBLES]]


async def _read_rank(conn: Connection, reader: Reader) -> str | None:
    held = (await read_member_ranks(conn, [reader.member_id])).get(reader.member_id)
    rules = (await read_rank_rules(conn, [reader.program.id])).get(reader.program.id)
    if held is None or rules is None:
        return None
    names = next((rank.name for rank in rules.ranks if rank.code == held.rank_code), None)
    return None if not names else names.get(reader.locale) or next(iter(names.values()))


def _face(coupon: MemberCoupon, reader: Reader) -> CouponFace:
    text = choose_text(coupon.offer, reader.locale, coupon.store_name)
    until = format_datetime(
        coupon.expires_at, "medium", tzinfo=ZoneInfo(reader.program.time_zone), locale=reader.locale
    )
    return CouponFace(
        title=text.title,
        body=text.body,
        terms=text.terms,
        until=until,
        uses_left=coupon.uses_left,
        picture_url=picture_url(reader.public_url, coupon.picture_name),
        open_url=reader.page("coupon", str(coupon.id)),
    )
