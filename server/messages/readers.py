"""What a campaign's words can be filled with: of a program at all, and of each reader.

What is for profiling is known of nobody who has not consented to it, and neither is an attribute that was removed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from coupons.campaigns.message_texts import MessageTexts, PushText
from coupons.offers import Offer
from coupons.placeholders import names_in
from coupons.reader_words import Field, Fillable, LabelledValue, ReaderValue, ReaderWords
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries
from members.attribute_values import OwnValue
from members.attributes import MAX_TEXT_LENGTH, STANDARD_ATTRIBUTES, Attribute
from members.attributes_repository import list_attributes
from outbox.kinds import ChannelKind
from points.postings_repository import read_balances
from points.rules_repository import read_point_rules
from server.messages.write_message import push_texts_of, texts_of

QUERIES = load_queries(__file__, "readers.sql")
OWN = "attributes."
_STANDARD = ("name", "kana", "nickname")
_OF_THE_COUPON = frozenset({"store", "expires", "valid_for", "link", "offer.title", "offer.body"})
# Of a program and of a store (server.web.fields).
_MAX_NAME_LENGTH = 200


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """`points` None: their program has none, or no word asks for them."""

    program: str
    values: Mapping[str, ReaderValue] = {}
    points: int | None = None


NOBODY = Reader(program="")


async def read_readers(
    conn: Connection, holders: Mapping[MemberId, ProgramId], names: frozenset[str], now: datetime
) -> dict[MemberId, Reader]:
    """Of these members what the placeholders ask for; nothing is read for those that only the coupon fills."""
    asked = names - _OF_THE_COUPON
    if not asked or not holders:
        return {}
    own: dict[ProgramId, dict[str, Attribute]] = {}
    if any(name.startswith(OWN) for name in asked):
        own = {program_id: await list_attributes(conn, program_id) for program_id in set(holders.values())}
    points = await read_balances(conn, holders, now) if "points" in asked else {}
    readers = {}
    for row in await conn.fetch(QUERIES.read_readers, list(holders)):
        member_id: MemberId = row["member_id"]
        readers[member_id] = Reader(
            program=row["program"],
            values=_values_of(row, own.get(holders[member_id], {})),
            points=points.get(member_id),
        )
    return readers


def _values_of(row: Any, own: Mapping[str, Attribute]) -> dict[str, ReaderValue]:
    values: dict[str, ReaderValue] = {name: row[name] for name in _STANDARD if row[name] is not None}
    kept = msgspec.json.decode(row["attributes"]) if row["attributes"] is not None else {}
    for key, value in kept.items():
        attribute = own.get(key)
        if attribute is None or attribute.removed_at is not None:
            continue
        if attribute.is_profiling and not row["profiling_consent"]:
            continue
        said = _read_value(attribute, value)
        if said is not None:
            values[OWN + key] = said
    return values


def _read_value(attribute: Attribute, value: OwnValue) -> ReaderValue | None:
    """None: there is nothing to say."""
    labels = {choice.key: choice.label for choice in attribute.choices}
    if isinstance(value, bool):
        return True if value else None
    if attribute.kind == "date":
        return date.fromisoformat(str(value))
    if attribute.kind == "one_of":
        return LabelledValue([labels[str(value)]]) if value in labels else None
    if attribute.kind == "many_of":
        chosen = [labels[key] for key in value if key in labels] if not isinstance(value, int | float) else []
        return LabelledValue(chosen) if chosen else None
    return value if isinstance(value, str | int | float) else None


def words_for(
    reader: Reader,
    *,
    offer: Offer,
    store: str | None,
    link: str | None,
    issued_at: datetime,
    expires_at: datetime,
    zone: Any,
) -> ReaderWords:
    """Of a coupon of theirs."""
    return ReaderWords(
        program=reader.program,
        store=store,
        offer=offer,
        issued_at=issued_at,
        expires_at=expires_at,
        zone=zone,
        link=link,
        points=reader.points,
        values=reader.values,
    )


def names_in_pushes(written: Mapping[str, PushText]) -> frozenset[str]:
    """What they ask for, in any language."""
    return frozenset[str]().union(*(names_in(text.title) | names_in(text.body) for text in written.values()))


def names_by(texts: MessageTexts, channels: Iterable[ChannelKind]) -> frozenset[str]:
    """What its messages by these channels ask for, in any language. An offer's own words name nobody."""
    names = frozenset[str]()
    for channel in channels:
        if channel == "push":
            names |= names_in_pushes(texts.push or {})
        for text in (texts_of(texts, channel) or {}).values():
            names = names.union(*(names_in(part) for part in words_in(text)))
    return names


def names_of(texts: MessageTexts, offer: Offer) -> frozenset[str]:
    """What its messages ask for, in any channel and language."""
    names = set(names_in_pushes(push_texts_of(texts, offer)))
    for channel in ("email", "line", "sms", "voice", "messenger"):
        for text in (texts_of(texts, channel) or {}).values():
            names.update(*(names_in(part) for part in words_in(text)))
    return frozenset(names)


def words_in(text: msgspec.Struct) -> Sequence[str]:
    """The texts of a template in which placeholders are filled."""
    parts = (getattr(text, name) for name in text.__struct_fields__ if name != "button")
    return [part for part in parts if part is not None]


async def read_fillable(
    conn: Connection, program_id: ProgramId, *, offers: Sequence[Offer], has_store: bool, has_link: bool
) -> Fillable:
    """All that the program's words can be filled with."""
    own = await list_attributes(conn, program_id)
    standard = [Field(name=name, kind="text", max_length=STANDARD_ATTRIBUTES[name].max_length) for name in _STANDARD]
    return Fillable(
        has_store=has_store,
        has_points=program_id in await read_point_rules(conn, [program_id]),
        has_link=has_link,
        max_name_length=_MAX_NAME_LENGTH,
        offers=offers,
        fields=[*standard, *(_field(each) for each in own.values() if each.removed_at is None)],
    )


def _field(attribute: Attribute) -> Field:
    match attribute.kind:
        case "number":
            return Field(name=OWN + attribute.key, kind="number")
        case "date":
            return Field(name=OWN + attribute.key, kind="date")
        case "yes_no":
            return Field(name=OWN + attribute.key, kind="flag")
        case "one_of" | "many_of":
            return Field(
                name=OWN + attribute.key,
                kind="choice",
                labels=[choice.label for choice in attribute.choices],
                is_many=attribute.kind == "many_of",
            )
        case _:
            return Field(name=OWN + attribute.key, kind="text", max_length=MAX_TEXT_LENGTH)
