"""`scan`: a till reads a card; the visit is recorded, once a business day, and may earn an offer."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from cards import cards_repository
from cards.codes import CardCode, read_card_code
from cards.numbers import parse_number, spell_number
from coupons import coupons_repository
from coupons.campaigns import Locale, choose_text
from coupons.coupons_repository import MemberCoupon
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from members.devices_repository import find_push_addresses
from members.handles_repository import find_by_card_numbers
from programs.tills_repository import Till
from server.catalogue import Catalogue
from server.flows.granting import Happening, PushTarget, Verdict, grant_offers
from server.handles import hash_handle
from server.idempotency import Answer, Claim
from server.problems import Problem
from visits import visits_repository
from visits.business_days import business_day
from visits.visits_repository import Evidence, EvidenceKind, Visit


class ScanCommand(msgspec.Struct, frozen=True):
    """`presented` is what the scanner read or the cashier typed: a card's code or its number.

    `locale` is the cashier's language.
    """

    till: Till
    presented: str
    locale: Locale
    claim: Claim | None
    now: datetime


class UsableCoupon(msgspec.Struct, frozen=True):
    """What the cashier may remind the shopper of; redeeming needs the coupon's own code from the phone."""

    title: str
    expires_at: datetime


class Scanned(msgspec.Struct, frozen=True):
    """`is_first_today` tells whether this scan made the visit or only adds evidence to it."""

    member_id: UUID
    card_number: str
    store_id: UUID
    business_day: date
    is_first_today: bool
    coupons_issued: int
    usable_coupons: list[UsableCoupon]


class _Checked(msgspec.Struct, frozen=True):
    """A command whose card is known to be good."""

    command: ScanCommand
    member_id: UUID
    card_number: str
    kind: EvidenceKind
    visit: Visit


async def scan(
    conn: Connection, keyring: Keyring, catalogue: Catalogue, commands: Sequence[ScanCommand]
) -> Sequence[Answer | Exception]:
    checked = await _check_cards(conn, keyring, catalogue, commands)
    good = [scan for scan in checked if isinstance(scan, _Checked)]
    if not good:
        return [scan for scan in checked if isinstance(scan, Problem)]
    new = await _insert_visits(conn, good)
    verdicts = await _judge_visits(conn, catalogue, [scan for scan in good if id(scan) in new])
    await visits_repository.insert_evidence(
        conn, [_evidence(scan, verdicts.get(id(scan), Verdict({}, []))) for scan in good]
    )
    now = max(scan.command.now for scan in good)
    usable: dict[UUID, list[MemberCoupon]] = {}
    for coupon in await coupons_repository.list_usable_coupons(conn, [scan.member_id for scan in good], now):
        usable.setdefault(coupon.member_id, []).append(coupon)
    return [
        _scanned(scan, id(scan) in new, verdicts.get(id(scan)), usable.get(scan.member_id, []))
        if isinstance(scan, _Checked)
        else scan
        for scan in checked
    ]


async def _check_cards(
    conn: Connection, keyring: Keyring, catalogue: Catalogue, commands: Sequence[ScanCommand]
) -> list[_Checked | Problem]:
    codes = [read_card_code(keyring, command.presented) for command in commands]
    numbers = [parse_number(command.presented) for command in commands]
    keys = [
        (command.till.program_id, hash_handle(keyring, "card_number", number)) if number else None
        for command, number in zip(commands, numbers, strict=True)
    ]
    holders = await find_by_card_numbers(conn, [key for key in keys if key is not None])
    member_ids = [
        code.member_id if isinstance(code, CardCode) else holders.get(key) if key else None
        for code, key in zip(codes, keys, strict=True)
    ]
    cards = await cards_repository.find_cards(conn, [member_id for member_id in member_ids if member_id])
    checked: list[_Checked | Problem] = []
    for command, code, member_id in zip(commands, codes, member_ids, strict=True):
        card = cards.get(member_id) if member_id else None
        if card is None or card.program_id != command.till.program_id:
            checked.append(_unknown(code))
        elif isinstance(code, CardCode) and code.generation != card.generation:
            checked.append(Problem("card-unknown", "This card was replaced; ask for the one in the app."))
        else:
            checked.append(_check(command, card.member_id, card.number, code, catalogue))
    return checked


def _unknown(code: Any) -> Problem:
    if code == "forged":
        return Problem("card-unknown", "This code was not made by us; ask the shopper to open the card in the app.")
    return Problem("card-unknown", "Scan the card again, or type the 13 digits of its number.")


def _check(command: ScanCommand, member_id: UUID, number: str, code: Any, catalogue: Catalogue) -> _Checked | Problem:
    store = catalogue.stores.get(command.till.store_id)
    if store is None:
        return Problem("store-unknown", "This till's store is closed.")
    day = business_day(command.now.astimezone(store.time_zone), store.day_start_hour)
    kind: EvidenceKind = "card_code" if isinstance(code, CardCode) else "card_number"
    visit = Visit(member_id, command.till.store_id, day, command.till.program_id, command.now)
    return _Checked(command, member_id, number, kind, visit)


async def _insert_visits(conn: Connection, scans: Sequence[_Checked]) -> set[int]:
    """The id() of each scan that made a visit; of several in one batch the first."""
    first = {scan.visit.key: scan for scan in reversed(scans)}
    new = await visits_repository.insert_visits(conn, [scan.visit for scan in first.values()])
    return {id(scan) for key, scan in first.items() if key in new}


async def _judge_visits(conn: Connection, catalogue: Catalogue, scans: Sequence[_Checked]) -> dict[int, Verdict]:
    if not scans:
        return {}
    addresses = await find_push_addresses(conn, [scan.member_id for scan in scans])
    happenings = []
    for scan in scans:
        address = addresses.get(scan.member_id)
        target = PushTarget(address.device_id, address.locale) if address else None
        at, till = scan.command.now, scan.command.till
        happenings.append(Happening(scan.member_id, till.program_id, till.store_id, "visit", at, at, False, target))
    verdicts = await grant_offers(conn, catalogue, happenings)
    return {id(scan): verdict for scan, verdict in zip(scans, verdicts, strict=True)}


def _evidence(scan: _Checked, verdict: Verdict) -> Evidence:
    return Evidence(
        new_id(),
        scan.member_id,
        scan.visit.store_id,
        scan.visit.business_day,
        scan.kind,
        scan.command.till.id,
        verdict.decisions,
        scan.command.now,
    )


def _scanned(scan: _Checked, is_first: bool, verdict: Verdict | None, usable: Sequence[MemberCoupon]) -> Answer:
    locale = scan.command.locale
    body = Scanned(
        scan.member_id,
        spell_number(scan.card_number),
        scan.visit.store_id,
        scan.visit.business_day,
        is_first,
        len(verdict.coupon_ids) if verdict else 0,
        [UsableCoupon(choose_text(c.offer, locale, c.store_name).title, c.expires_at) for c in usable],
    )
    return Answer(201, msgspec.json.encode(body))
