"""What members' cards show in Google Wallet, read for many at once: one query a kind of thing, not one a member."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from cards import cards_repository, google_classes_repository, totp_passes_repository
from cards.google_class import GoogleClass
from cards.google_object import GooglePass
from cards.google_pass import MAX_COUPONS, CouponText, GoogleCard, GoogleProgram, Words
from cards.totp import open_totp_secret
from coupons import coupons_repository
from coupons.coupon import MemberCoupon
from coupons.offers import choose_text
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.locales import LOCALES, Locale
from kit.sealing import Keyring
from kit.sql import load_queries
from points import ranks_repository, rules_repository
from programs import card_settings_repository, programs_repository
from programs.card_settings import first_colour
from programs.programs_repository import Versions
from server.runtime.store_places import StorePlaces

QUERIES = load_queries(__file__, "google_cards.sql")

_NO_VERSIONS = Versions(0, 0)


async def read_google_cards(
    conn: Connection, keyring: Keyring, passes: Sequence[GooglePass], stores: StorePlaces, now: datetime
) -> dict[UUID, GoogleCard]:
    """By pass id. Absent are members without an active card, and passes with a revoked secret.

    Places are chosen by where a member shops, never by where their phone is: Google must not learn that from us.
    """
    members, programs = [each.member_id for each in passes], {each.program_id for each in passes}
    faces = {row["member_id"]: row for row in await conn.fetch(QUERIES.read_faces, members, now)}
    numbers = await cards_repository.find_cards(conn, members)
    secrets = await totp_passes_repository.find_totp_passes(conn, {(each.member_id, each.pass_id) for each in passes})
    coupons = _group(await coupons_repository.list_usable_coupons(conn, members, now))
    with_points = await rules_repository.read_point_rules(conn, programs)
    ranks = await _read_ranks(conn, programs)
    versions = await programs_repository.read_versions_of_programs(conn)
    cards = {}
    for each in passes:
        held = secrets.get((each.member_id, each.pass_id))
        if held is None or each.member_id not in numbers:
            continue
        face, program_id = faces[each.member_id], each.program_id
        places = await stores.of_program(conn, program_id, versions.get(program_id, _NO_VERSIONS).campaign_version)
        near = () if face["lat"] is None else places.nearest(face["lat"], face["lon"])
        cards[each.pass_id] = GoogleCard(
            member_id=each.member_id,
            pass_id=each.pass_id,
            program_id=program_id,
            secret=open_totp_secret(keyring, held.member_id, held.id, held.sealed_secret),
            number=numbers[each.member_id].number,
            locale=face["locale"],
            balance=face["balance"] if program_id in with_points else None,
            rank=ranks.get((program_id, face["rank_code"])),
            coupons=[_coupon_text(coupon) for coupon in coupons[each.member_id][:MAX_COUPONS]],
            places=[(place.lat, place.lon) for place in near],
        )
    return cards


async def read_google_programs(
    conn: Connection, program_ids: Sequence[ProgramId]
) -> dict[ProgramId, tuple[GoogleClass, GoogleProgram]]:
    """By program; absent is a program that has not set up Google Wallet."""
    found = {}
    for program_id, held in (await google_classes_repository.find_google_classes(conn, program_ids)).items():
        program = await programs_repository.find_program(conn, program_id)
        if program is not None:
            design = held.design
            own = await card_settings_repository.find_card_settings(conn, program_id)
            found[program_id] = (
                held,
                GoogleProgram(
                    program_id=program_id,
                    name=program.name,
                    locale=program.default_locale,
                    logo_url=design.logo_url,
                    background_color=first_colour(design.background_color, own.colour),
                ),
            )
    return found


async def _read_ranks(conn: Connection, program_ids: set[ProgramId]) -> Mapping[tuple[ProgramId, str], Words]:
    rules = await ranks_repository.read_rank_rules(conn, program_ids)
    return {(program_id, rank.code): rank.name for program_id, each in rules.items() for rank in each.ranks}


def _group(coupons: Sequence[MemberCoupon]) -> defaultdict[MemberId, list[MemberCoupon]]:
    grouped: defaultdict[MemberId, list[MemberCoupon]] = defaultdict(list)
    for coupon in coupons:
        grouped[coupon.member_id].append(coupon)
    return grouped


def _coupon_text(coupon: MemberCoupon) -> CouponText:
    # The card is written in our own languages, and so are the coupons on it: in each that there is, or in the nearest.
    written: Sequence[Locale] = [locale for locale in LOCALES if locale in coupon.offer] or LOCALES[:1]
    texts = {locale: choose_text(coupon.offer, locale, coupon.store_name) for locale in written}
    return CouponText(
        {locale: text.title for locale, text in texts.items()}, {locale: text.body for locale, text in texts.items()}
    )
