"""Which member's card a till has read, and by which kind of code: what `scan` and `report_scans` share.

A rotating code proves that the phone is there, and so does a TOTP code as long as nobody copied its secret; a number
only identifies. Nothing is written here, but the members are held until the commit.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from cards import card_keys_repository, cards_repository, signing_keys_repository
from cards.card import ShownCard
from cards.card_key import CardKey
from cards.code_use import CodeKey
from cards.numbers import parse_number
from cards.rotating_codes import Refusal, RotatingCode, TrustedKey, judge_code, off_by, read_code
from cards.signing_keys import trusted_keys
from cards.totp import TotpCode, TotpPass, find_totp_step, open_totp_secret, read_totp_code
from cards.totp_passes_repository import find_totp_passes
from ids import MemberId
from kit.database import Connection
from kit.sealing import Keyring
from members.aliases_repository import find_survivors, hold_persons
from members.handles import HandleKind, hash_handle
from members.handles_repository import find_by_card_numbers, find_holders
from members.member import HeldMember
from programs.tills_repository import Till
from server.credentials.former_numbers import FormerNumber, read_former_numbers
from visits.trust import EvidenceKind

# The signatures of a code take up to a sixth of a millisecond: after so many of them others have their turn.
_MAX_WITHOUT_YIELDING = 16

CardRefusalReason: TypeAlias = Refusal | Literal["not_a_code", "card_unknown"]


class CardPresentation(msgspec.Struct, frozen=True, kw_only=True):
    """What a scanner read or a cashier typed, `at` the time of the event; `now` is ours. Online they are the same."""

    till: Till
    text: str
    at: datetime
    now: datetime
    is_offline: bool


class IdentifiedCard(msgspec.Struct, frozen=True):
    """`code` names the code that was shown, which counts once; None for a number. `is_verified`: the member is."""

    member_id: MemberId
    card_number: str
    kind: EvidenceKind
    code: CodeKey | None
    is_verified: bool


class CardRefusal(msgspec.Struct, frozen=True):
    """`off_by_s`: how far a code's step is ahead of the clock, where that is the reason."""

    reason: CardRefusalReason
    off_by_s: int | None = None


class _AssertedHolder(msgspec.Struct, frozen=True):
    """The member that the code or number names. `card`: theirs where the code's key names it and they are active; else
    it is still to be looked up.
    """

    member_id: MemberId
    kind: EvidenceKind
    code: CodeKey | None
    card: ShownCard | None = None


_Reading: TypeAlias = RotatingCode | TotpCode | str | None
# What was presented, by its place in the list.
_Presentations: TypeAlias = Mapping[int, CardPresentation]
_Judgements: TypeAlias = dict[int, _AssertedHolder | CardRefusal]


async def identify(
    conn: Connection, keyring: Keyring, presented: Sequence[CardPresentation]
) -> list[IdentifiedCard | CardRefusal]:
    """One answer each, in order. Whether a code was used before is not known yet: `count_codes` finds out.

    Whom they name is held (`hold_persons`), so that what refers to them can be written.
    """
    by_place = dict(enumerate(presented))
    rotating: dict[int, RotatingCode] = {}
    totp: dict[int, TotpCode] = {}
    numbers: dict[int, str] = {}
    others: dict[int, Sequence[FormerNumber]] = {}
    for place, each in by_place.items():
        reading: _Reading = read_code(each.text) or read_totp_code(each.text) or parse_number(each.text)
        if isinstance(reading, RotatingCode):
            rotating[place] = reading
        elif isinstance(reading, TotpCode):
            totp[place] = reading
        elif reading is not None:
            numbers[place] = reading
        if (reading is None or isinstance(reading, str)) and (read := read_former_numbers(each.text)):
            others[place] = read
    judged = {
        **await _find_former_holders(conn, keyring, by_place, others),
        **await _judge_rotating(conn, by_place, rotating),
        **await _judge_totp(conn, keyring, by_place, totp),
    }
    ours = await _find_holders(conn, keyring, by_place, numbers)
    judged |= {place: each for place, each in ours.items() if place not in judged or isinstance(each, _AssertedHolder)}
    asserted = [judged.get(place, CardRefusal("not_a_code")) for place in by_place]
    holders = [each for each in asserted if isinstance(each, _AssertedHolder)]
    held = await hold_persons(conn, {each.member_id for each in holders})
    cards = await _find_cards(conn, held, {each.member_id: each.card for each in holders if each.card is not None})
    return [_find_card(each, holder, cards, held) for each, holder in zip(presented, asserted, strict=True)]


def find_named_member(text: str) -> MemberId | None:
    """Whom a code names, whether it is theirs or not. A number names nobody: it has to be looked up."""
    if rotating := read_code(text):
        return rotating.certificate.member_id
    totp = read_totp_code(text)
    return totp.member_id if totp else None


def _find_card(
    each: CardPresentation,
    holder: _AssertedHolder | CardRefusal,
    cards: Mapping[MemberId, ShownCard],
    held: Mapping[MemberId, HeldMember],
) -> IdentifiedCard | CardRefusal:
    if isinstance(holder, CardRefusal):
        return holder
    card = cards.get(holder.member_id)
    if card is None or card.program_id != each.till.program_id:
        return CardRefusal("card_unknown")
    is_verified = held[card.member_id].is_verified
    return IdentifiedCard(card.member_id, card.number, holder.kind, holder.code, is_verified=is_verified)


async def _find_cards(
    conn: Connection, held: Mapping[MemberId, HeldMember], named: Mapping[MemberId, ShownCard]
) -> dict[MemberId, ShownCard]:
    """By member. Of one who became another since a till read their card it is the other one's."""
    active = [member_id for member_id, member in held.items() if member.state == "active"]
    cards = {member_id: named[member_id] for member_id in active if member_id in named}
    unnamed = [member_id for member_id in active if member_id not in named]
    cards |= await cards_repository.find_cards_of_held(conn, unnamed) if unnamed else {}
    gone = [member_id for member_id, member in held.items() if member.state == "merged"]
    survivors = await find_survivors(conn, gone) if gone else {}
    return cards | {gone: cards[survivor] for gone, survivor in survivors.items() if survivor in cards}


async def _judge_rotating(
    conn: Connection, presented: _Presentations, codes: Mapping[int, RotatingCode]
) -> _Judgements:
    if not codes:
        return {}
    programs = {presented[place].till.program_id for place in codes}
    now = presented[next(iter(codes))].now
    signing = await signing_keys_repository.list_signing_keys(conn, programs)
    keys = {program_id: trusted_keys(held, now) for program_id, held in signing.items()}
    names = {(code.certificate.member_id, code.certificate.serial) for code in codes.values()}
    registered = await card_keys_repository.find_card_keys(conn, names)
    judged: _Judgements = {}
    for place, code in codes.items():
        each = presented[place]
        judged[place] = _judge_one(each, code, keys[each.till.program_id], registered)
        if len(judged) % _MAX_WITHOUT_YIELDING == 0:
            await asyncio.sleep(0)
    return judged


def _judge_one(
    each: CardPresentation,
    code: RotatingCode,
    keys: Mapping[bytes, TrustedKey],
    registered: Mapping[tuple[MemberId, bytes], CardKey],
) -> _AssertedHolder | CardRefusal:
    member_id, serial = code.certificate.member_id, code.certificate.serial
    key = registered.get((member_id, serial))
    is_known = key is not None and key.has_certificate(code.certificate.to_bytes())
    expanded_key = None if key is None else key.expanded_key
    refusal = judge_code(code, keys, each.at, is_known=is_known, expanded_key=expanded_key)
    if refusal is not None:
        ahead = int(off_by(code, each.at).total_seconds()) if refusal in ("old", "early") else None
        return CardRefusal(refusal, ahead)
    if key is None or _is_dead(key, each):
        return CardRefusal("revoked")
    return _AssertedHolder(member_id, "rotating_code", (member_id, serial, code.step), key.card)


def _is_dead(key: CardKey, each: CardPresentation) -> bool:
    """Online, a revocation counts from its commit on, whatever our processes' clocks say. Offline, what was shown
    before the phone was reported lost was shown by its owner.
    """
    return key.revoked_at is not None and (not each.is_offline or key.revoked_at <= each.at)


async def _judge_totp(
    conn: Connection, keyring: Keyring, presented: _Presentations, codes: Mapping[int, TotpCode]
) -> _Judgements:
    if not codes:
        return {}
    passes = await find_totp_passes(conn, {(code.member_id, code.pass_id) for code in codes.values()})
    return {place: _judge_digits(keyring, presented[place], code, passes) for place, code in codes.items()}


def _judge_digits(
    keyring: Keyring, each: CardPresentation, code: TotpCode, passes: Mapping[tuple[MemberId, UUID], TotpPass]
) -> _AssertedHolder | CardRefusal:
    held = passes.get((code.member_id, code.pass_id))
    if held is None or held.program_id != each.till.program_id:
        return CardRefusal("card_unknown")
    secret = open_totp_secret(keyring, held.member_id, held.id, held.sealed_secret)
    step = find_totp_step(secret, code.digits, each.now)
    if step is None:
        return CardRefusal("old")
    return _AssertedHolder(held.member_id, "totp_code", (held.member_id, held.id.bytes, step))


async def _find_holders(
    conn: Connection, keyring: Keyring, presented: _Presentations, numbers: Mapping[int, str]
) -> _Judgements:
    if not numbers:
        return {}
    keys = {
        place: (presented[place].till.program_id, hash_handle(keyring, "card_number", number))
        for place, number in numbers.items()
    }
    holders = await find_by_card_numbers(conn, list(keys.values()))
    return {
        place: _AssertedHolder(holders[key], "card_number", None) if key in holders else CardRefusal("card_unknown")
        for place, key in keys.items()
    }


async def _find_former_holders(
    conn: Connection, keyring: Keyring, presented: _Presentations, numbers: Mapping[int, Sequence[FormerNumber]]
) -> _Judgements:
    """By the numbers of cards from before Noren, and by the program's own numbers of members."""
    handles: dict[int, list[tuple[HandleKind, bytes]]] = {
        place: [(kind, hash_handle(keyring, kind, number)) for kind, number in read] for place, read in numbers.items()
    }
    judged: _Judgements = {}
    for program_id in {presented[place].till.program_id for place in handles}:
        places = [place for place in handles if presented[place].till.program_id == program_id]
        asked = [handle for place in places for handle in handles[place]]
        holders = await find_holders(conn, program_id, asked)
        for place in places:
            found = [holders[handle] for handle in handles[place] if handle in holders]
            judged[place] = _AssertedHolder(found[0], "card_number", None) if found else CardRefusal("card_unknown")
    return judged
