"""`scan`: a till reads a card; the visit is recorded, once a business day, and earns as what was bought does."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from cards.numbers import spell_number
from coupons import coupons_repository
from coupons.coupon import MemberCoupon
from coupons.offers import choose_text
from ids import MemberId, PurchaseId, ScanId, StoreId
from kit.database import Connection
from kit.locales import Locale
from kit.sealing import Keyring
from programs.tills_repository import Till
from purchases import purchases_repository
from purchases.purchase import Basket, Purchase
from server.check_ins.assess_check_ins import look_back
from server.check_ins.check_in import CheckInOutcome
from server.check_ins.record_check_ins import complete_balances, record_check_ins
from server.check_ins.till_check_in import TillCheckIn, count_codes, make_check_in
from server.credentials.identify import CardPresentation, CardRefusal, CardRefusalReason, IdentifiedCard, identify
from server.problems import Problem
from server.purchases.receipts import reserve_purchases
from server.rewards.complete_cards import FullStampCard, view_full_cards
from server.runtime.snapshot import Snapshot
from server.web.idempotency import Answer, IdempotencyKey
from visits.trust import Trust

# What the cashier should do, by why the card was refused.
_DETAILS: Mapping[CardRefusalReason, str] = {
    "not_a_code": "Scan the card again, or type the 13 digits of its number.",
    "card_unknown": "Scan the card again, or type the 13 digits of its number.",
    "forged": "This code was not made by the shopper's app. Ask them to open the card in the app.",
    "foreign_program": "This is the card of another program.",
    "expired": "The app was not online for a month: ask the shopper to open it once where there is signal.",
    "old": "This code is over. Ask the shopper to show the card in the app, not a picture of it.",
    "early": "The phone's clock is ahead. Ask the shopper to open the app once where there is signal.",
    "revoked": "This card was taken to another phone, or reported lost.",
    "replayed": "This code was used already. The app shows the next one within half a minute.",
}


class ScanCommand(msgspec.Struct, frozen=True, kw_only=True):
    """`presented` is what the scanner read or the cashier typed: a rotating code, a TOTP code or the card's number.

    `locale` is the cashier's language. `basket`: what was bought with it, if the till sends that too.
    """

    till: Till
    presented: str
    locale: Locale
    idempotency_key: IdempotencyKey | None
    now: datetime
    basket: Basket | None = None


class UsableCoupon(msgspec.Struct, frozen=True):
    """A coupon that the cashier may point out. To redeem it, scan its own code on the phone."""

    title: str
    """The offer's title, in the cashier's language where it has one."""
    body: str
    """What the shopper gets for it, in the same language."""
    expires_at: datetime
    """Until when it can be redeemed."""


class ScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """A card that was scanned, the visit that it stands for, and what that earned."""

    scan_id: ScanId
    """The id of the scan: purchases, spent points and an undo refer to it."""
    member_id: MemberId
    """The id of the member."""
    card_number: str
    """The number of the card, spelled as it is printed."""
    store_id: StoreId
    """The till's store."""
    business_day: date
    """The store's business day to which the visit belongs."""
    is_first_today: bool
    """True: this scan made the visit. False: the member had been seen at the store that day."""
    coupons_issued: int
    """How many coupons this scan earned."""
    usable_coupons: list[UsableCoupon]
    """The coupons that the member can use now, the newest first."""
    trust: Trust
    """How far this scan is believed: `high` for the card's code, `low` for a number."""
    purchase_id: PurchaseId | None
    """The id of the purchase, where one was sent along."""
    points_earned: int
    """How many points the visit and the purchase earned."""
    points_balance: int | None
    """The member's points afterwards, whether or not the scan earned any. Null: the program has no points."""
    full_stamp_cards: list[FullStampCard]
    """The stamp cards that the visit and the purchase have filled."""


async def scan(
    conn: Connection, keyring: Keyring, snapshot: Snapshot, commands: Sequence[ScanCommand]
) -> Sequence[Answer | Exception]:
    """Raises Problem where a receipt was sent before, so that nothing of that scan is left, nor its code used."""
    presented = [
        CardPresentation(
            till=c.till,
            text=c.presented,
            at=c.now,
            now=c.now,
            is_offline=False,
        )
        for c in commands
    ]
    shown = await identify(conn, keyring, presented)
    judged = [_judge(snapshot, *each) for each in zip(commands, presented, shown, strict=True)]
    check_ins = await _look_back(conn, [each for each in judged if isinstance(each, TillCheckIn)])
    replayed = await count_codes(conn, check_ins)
    counted = [each for each in check_ins if each.id not in replayed]
    await _insert_purchases(conn, keyring, [each.purchase for each in counted if each.purchase is not None])
    outcomes = await record_check_ins(conn, snapshot, counted) if counted else {}
    outcomes = await complete_balances(conn, counted, outcomes)
    usable = await _list_usable(conn, counted)
    answers: list[Answer | Exception] = []
    for command, each in zip(commands, judged, strict=True):
        if isinstance(each, Problem):
            answers.append(each)
        elif each.id in replayed:
            answers.append(refuse(CardRefusal("replayed")))
        else:
            answers.append(_answer(command, each, outcomes[each.id], usable.get(each.shown.member_id, [])))
    return answers


async def _look_back(conn: Connection, check_ins: Sequence[TillCheckIn]) -> Sequence[TillCheckIn]:
    """Codes of who was not seen lately are inserted outright. Where somebody has just used one the list fails, and its
    halves are run again (`kit.batching`): they see it, or it is one alone that looks before it writes.
    """
    return await look_back(conn, check_ins) if len(check_ins) > 1 else check_ins


def refuse(refused: CardRefusal) -> Problem:
    if refused.reason in ("not_a_code", "card_unknown"):
        return Problem("card-unknown", _DETAILS[refused.reason])
    off_by = {} if refused.off_by_s is None else {"off_by_s": refused.off_by_s}
    return Problem("card-code-refused", _DETAILS[refused.reason], reason=refused.reason, **off_by)


def _judge(
    snapshot: Snapshot, command: ScanCommand, presented: CardPresentation, shown: IdentifiedCard | CardRefusal
) -> TillCheckIn | Problem:
    if isinstance(shown, CardRefusal):
        return refuse(shown)
    check_in = make_check_in(snapshot, presented, shown, command.basket)
    return check_in or Problem("store-unknown", "This till's store is closed.")


async def _insert_purchases(conn: Connection, keyring: Keyring, purchases: Sequence[Purchase]) -> None:
    if not purchases:
        return
    await reserve_purchases(conn, keyring, purchases)
    await purchases_repository.insert_purchases(conn, purchases)


async def _list_usable(conn: Connection, check_ins: Sequence[TillCheckIn]) -> dict[MemberId, list[MemberCoupon]]:
    """The coupons that can be redeemed now, by member."""
    if not check_ins:
        return {}
    now = max(each.now for each in check_ins)
    usable: dict[MemberId, list[MemberCoupon]] = {}
    for coupon in await coupons_repository.list_usable_coupons(conn, [e.shown.member_id for e in check_ins], now):
        usable.setdefault(coupon.member_id, []).append(coupon)
    return usable


def _answer(
    command: ScanCommand, check_in: TillCheckIn, done: CheckInOutcome, usable: Sequence[MemberCoupon]
) -> Answer:
    locale = command.locale
    body = ScanResult(
        scan_id=done.scan_id,
        member_id=check_in.shown.member_id,
        card_number=spell_number(check_in.shown.card_number),
        store_id=check_in.visit.store_id,
        business_day=check_in.visit.business_day,
        is_first_today=done.is_first,
        coupons_issued=len(done.coupon_ids),
        usable_coupons=[_view_usable(each, locale) for each in usable],
        trust=done.trust,
        purchase_id=check_in.purchase.id if check_in.purchase else None,
        points_earned=done.points_earned,
        points_balance=done.points_balance,
        full_stamp_cards=view_full_cards(done.full_cards),
    )
    return Answer(201, msgspec.json.encode(body))


def _view_usable(coupon: MemberCoupon, locale: Locale) -> UsableCoupon:
    text = choose_text(coupon.offer, locale, coupon.store_name)
    return UsableCoupon(text.title, text.body, coupon.expires_at)
