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
from server.flows.purchase import claim_purchases, deed_of, new_purchase, receipt_taken
from server.flows.rewarding import Deed, FullCard, Rewarded, happening_of, record_completions, reward_deeds
from server.handles import hash_handle
from server.idempotency import Answer, Claim
from server.problems import Problem
from visits import purchases_repository, visits_repository
from visits.business_days import business_day
from visits.purchases_repository import Basket, Purchase
from visits.visits_repository import Evidence, EvidenceKind, Visit


class ScanCommand(msgspec.Struct, frozen=True):
    """`presented` is what the scanner read or the cashier typed: a card's code or its number.

    `locale` is the cashier's language. `basket`: what was bought with it, if the till tells that too.
    """

    till: Till
    presented: str
    locale: Locale
    claim: Claim | None
    now: datetime
    basket: Basket | None = None


class UsableCoupon(msgspec.Struct, frozen=True):
    """What the cashier may remind the shopper of; redeeming needs the coupon's own code from the phone."""

    title: str
    expires_at: datetime


class Scanned(msgspec.Struct, frozen=True):
    """`is_first_today` tells whether this scan made the visit or only adds evidence to it.

    `scan_id` is what a purchase or spent points refer to. `points_balance` None: nothing was posted.
    """

    scan_id: UUID
    member_id: UUID
    card_number: str
    store_id: UUID
    business_day: date
    is_first_today: bool
    coupons_issued: int
    usable_coupons: list[UsableCoupon]
    purchase_id: UUID | None
    points_earned: int
    points_balance: int | None


class _Checked(msgspec.Struct, frozen=True):
    """A command whose card is known to be good."""

    command: ScanCommand
    member_id: UUID
    card_number: str
    kind: EvidenceKind
    visit: Visit
    purchase: Purchase | None


class _Earned(msgspec.Struct, frozen=True):
    """What came of a scan: of the visit's campaigns None where it was not the day's first."""

    verdict: Verdict | None
    rewards: Sequence[Rewarded]
    coupon_count: int


async def scan(
    conn: Connection, keyring: Keyring, catalogue: Catalogue, commands: Sequence[ScanCommand]
) -> Sequence[Answer | Exception]:
    checked = await _claim_receipts(conn, keyring, await _check_cards(conn, keyring, catalogue, commands))
    good = [scan for scan in checked if isinstance(scan, _Checked)]
    if not good:
        return [scan for scan in checked if isinstance(scan, Problem)]
    new = await _insert_visits(conn, good)
    earned = await _earn(conn, catalogue, good, new)
    evidence = {id(scan): _evidence(scan, earned[id(scan)].verdict or Verdict({}, [])) for scan in good}
    await visits_repository.insert_evidence(conn, list(evidence.values()))
    now = max(scan.command.now for scan in good)
    usable: dict[UUID, list[MemberCoupon]] = {}
    for coupon in await coupons_repository.list_usable_coupons(conn, [scan.member_id for scan in good], now):
        usable.setdefault(coupon.member_id, []).append(coupon)
    return [
        _scanned(scan, evidence[id(scan)].id, id(scan) in new, earned[id(scan)], usable.get(scan.member_id, []))
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
    basket = command.basket
    purchase = None if basket is None else new_purchase(command.till, member_id, basket, command.now)
    return _Checked(command, member_id, number, kind, visit, purchase)


async def _insert_visits(conn: Connection, scans: Sequence[_Checked]) -> set[int]:
    """The id() of each scan that made a visit; of several in one batch the first."""
    first = {scan.visit.key: scan for scan in reversed(scans)}
    new = await visits_repository.insert_visits(conn, [scan.visit for scan in first.values()])
    return {id(scan) for key, scan in first.items() if key in new}


async def _claim_receipts(
    conn: Connection, keyring: Keyring, checked: Sequence[_Checked | Problem]
) -> list[_Checked | Problem]:
    """Write the purchases; whose receipt was sent before is refused as a whole."""
    purchases = [scan.purchase for scan in checked if isinstance(scan, _Checked) and scan.purchase is not None]
    if not purchases:
        return list(checked)
    new = await claim_purchases(conn, keyring, purchases)
    await purchases_repository.insert_purchases(conn, [purchase for purchase in purchases if purchase.id in new])
    return [
        receipt_taken() if isinstance(scan, _Checked) and scan.purchase and scan.purchase.id not in new else scan
        for scan in checked
    ]


async def _earn(conn: Connection, catalogue: Catalogue, scans: Sequence[_Checked], new: set[int]) -> dict[int, _Earned]:
    """Points and stamps first, then all coupons in one call: accounts are locked before budgets. By the scan's id()."""
    deeds = [(scan, deed) for scan in scans for deed in _deeds(scan, is_new=id(scan) in new)]
    rewards: dict[int, list[Rewarded]] = {id(scan): [] for scan in scans}
    for (scan, _), reward in zip(deeds, await reward_deeds(conn, [deed for _, deed in deeds]), strict=True):
        rewards[id(scan)].append(reward)
    full = [(scan, each) for scan in scans for reward in rewards[id(scan)] for each in reward.full_cards]
    visiting = [scan for scan in scans if id(scan) in new]
    asking = {scan.member_id for scan in visiting} | {scan.member_id for scan, _ in full}
    addresses = await find_push_addresses(conn, sorted(asking)) if asking else {}
    targets = {member: PushTarget(address.device_id, address.locale) for member, address in addresses.items()}
    visits = [_visit_happening(scan, targets.get(scan.member_id)) for scan in visiting]
    filled = [happening_of(each, targets.get(scan.member_id)) for scan, each in full]
    verdicts = iter(await grant_offers(conn, catalogue, [*visits, *(each for each in filled if each is not None)]))
    of_visit = {id(scan): next(verdicts) for scan in visiting}
    of_card: list[tuple[FullCard, Verdict | None]] = [
        (each, None if happening is None else next(verdicts)) for (_, each), happening in zip(full, filled, strict=True)
    ]
    await record_completions(conn, of_card)
    counts = {key: len(verdict.coupon_ids) for key, verdict in of_visit.items()}
    for (scan, _), (_, verdict) in zip(full, of_card, strict=True):
        counts[id(scan)] = counts.get(id(scan), 0) + (len(verdict.coupon_ids) if verdict else 0)
    return {key: _Earned(of_visit.get(key), each, counts.get(key, 0)) for key, each in rewards.items()}


def _deeds(scan: _Checked, *, is_new: bool) -> list[Deed]:
    visit, till = scan.visit, scan.command.till
    source_key = f"visit:{visit.store_id}:{visit.business_day}"
    made = Deed(
        visit.member_id, visit.program_id, visit.store_id, f"till:{till.id}", "visit", source_key, scan.command.now
    )
    return [*([made] if is_new else []), *([deed_of(scan.purchase)] if scan.purchase else [])]


def _visit_happening(scan: _Checked, target: PushTarget | None) -> Happening:
    at, till = scan.command.now, scan.command.till
    return Happening(scan.member_id, till.program_id, till.store_id, "visit", at, at, False, target)


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


def _scanned(scan: _Checked, scan_id: UUID, is_first: bool, earned: _Earned, usable: Sequence[MemberCoupon]) -> Answer:
    locale = scan.command.locale
    balances = [reward.balance for reward in earned.rewards if reward.balance is not None]
    body = Scanned(
        scan_id,
        scan.member_id,
        spell_number(scan.card_number),
        scan.visit.store_id,
        scan.visit.business_day,
        is_first,
        earned.coupon_count,
        [UsableCoupon(choose_text(c.offer, locale, c.store_name).title, c.expires_at) for c in usable],
        scan.purchase.id if scan.purchase else None,
        sum(reward.points for reward in earned.rewards),
        balances[-1] if balances else None,
    )
    return Answer(201, msgspec.json.encode(body))
