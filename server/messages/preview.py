"""What a campaign's messages would say to a member as they are now, or to somebody made up. It writes nothing."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from channels.messages import Message
from channels.phone.phone_accounts_repository import find_telephone
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import SendMessage
from coupons.campaigns.message_texts import MessageTexts, PushText, link_to
from coupons.campaigns.triggers import TRIGGERS
from coupons.issuing.validity import expiry
from coupons.reader_words import Field, LabelledValue, ReaderValue, ReaderWords
from ids import MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.languages import choose_language
from kit.locales import LOCALES, Locale
from kit.pages import NEWEST, PageRequest
from members.members_repository import find_member
from outbox.kinds import ChannelKind
from programs.programs_repository import find_program
from programs.stores_repository import find_store, list_stores
from push.messages import IMAGE_BYTES
from server.messages.check_messages import push_bytes
from server.messages.member_zones import read_member_zones
from server.messages.message_previews import (
    MessagePreviews,
    PushPreview,
    view_call,
    view_email,
    view_line,
    view_sms,
    view_words,
)
from server.messages.picture_urls import picture_url
from server.messages.readers import (
    NOBODY,
    OWN,
    Reader,
    names_in_pushes,
    names_of,
    read_fillable,
    read_readers,
    words_for,
)
from server.messages.write_message import Target, push_texts_of, write_message, write_push
from server.problems import Problem, not_found

# Of a coupon that nobody has.
SAMPLE_COUPON = UUID(int=0)
_SAMPLE_NAMES: Mapping[Locale, Mapping[str, str]] = {
    "ja": {"name": "山田 花子", "kana": "ヤマダ ハナコ", "nickname": "はなちゃん"},
    "en": {"name": "Hanako Yamada", "kana": "ヤマダ ハナコ", "nickname": "Hana"},
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`member_id` None: of somebody made up. `language` None: the member's, or the program's. `step`: of a follow-up,
    from 1; None: the coupon's own messages. `store_id`: where it would be earned; None: at any of the campaign's.
    """

    member_id: MemberId | None
    language: str | None
    store_id: StoreId | None
    step: int | None


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """The words that are asked for, and whoever reads them."""

    texts: MessageTexts
    push: Mapping[str, PushText]
    words: ReaderWords
    language: str


async def preview(
    conn: Connection, campaign: Campaign, asked: Asked, now: datetime, public_url: str | None
) -> MessagePreviews:
    """Raises Problem."""
    scene = await set_scene(conn, campaign, asked, now)
    phone = await find_telephone(conn, campaign.program_id)
    target = Target(
        recipient="",
        link=scene.words.link,
        picture_url=picture_url(public_url, campaign.picture_name),
        takes_replies=phone is not None and phone.takes_replies,
    )

    def write(channel: ChannelKind) -> Message | None:
        return write_message(scene.texts, channel, scene.words, scene.language, target)

    return MessagePreviews(
        push=_preview_push(campaign, scene, target) if TRIGGERS[campaign.trigger.kind].rings else None,
        email=view_email(write("email")),
        line=view_line(write("line")),
        sms=view_sms(write("sms"), phone),
        voice=view_call(write("voice"), phone),
        messenger=view_words(write("messenger"), scene.language),
    )


async def set_scene(conn: Connection, campaign: Campaign, asked: Asked, now: datetime) -> Scene:
    texts, push = _texts_of(campaign, asked.step)
    program = await find_program(conn, campaign.program_id)
    assert program is not None
    store_name, zone, day_start_hour = await _find_place(conn, campaign, asked.store_id)
    language, reader = program.default_locale, NOBODY
    reader_zone: tzinfo = ZoneInfo(program.time_zone)
    if asked.member_id is None:
        chosen = asked.language or language
        reader = await _make_up(conn, campaign.program_id, program.name, chosen)
    else:
        member = await find_member(conn, asked.member_id)
        assert member is not None
        names = names_of(texts, campaign.offer) | names_in_pushes(push)
        found = await read_readers(conn, {asked.member_id: campaign.program_id}, names, now)
        reader = found.get(asked.member_id, Reader(program=program.name))
        language = member.locale
        reader_zone = (await read_member_zones(conn, [asked.member_id]))[asked.member_id]
    expires_at = expiry(campaign.coupon_validity, now, zone or reader_zone, day_start_hour)
    words = words_for(
        reader,
        offer=campaign.offer,
        store=store_name,
        link=link_to(campaign.messages, str(SAMPLE_COUPON)),
        issued_at=now,
        expires_at=expires_at,
        zone=reader_zone,
    )
    return Scene(texts=texts, push=push, words=words, language=asked.language or language)


def _texts_of(campaign: Campaign, step: int | None) -> tuple[MessageTexts, Mapping[str, PushText]]:
    if step is None:
        return campaign.messages, push_texts_of(campaign.messages, campaign.offer)
    if step > len(campaign.follow_ups):
        raise Problem("invalid-request", f"Give the number of a step that there is: the campaign has no step {step}.")
    action = campaign.follow_ups[step - 1].action
    if not isinstance(action, SendMessage):
        raise Problem("invalid-request", f"Give another step: number {step} sends no message.")
    return msgspec.structs.replace(action.messages, link=campaign.messages.link), action.text


async def _find_place(
    conn: Connection, campaign: Campaign, store_id: StoreId | None
) -> tuple[str | None, tzinfo | None, int]:
    """Of the store where the coupon would be earned its name, its zone and when its day begins; of none, a day begins
    at midnight.
    """
    if not TRIGGERS[campaign.trigger.kind].needs_store:
        return None, None, 0
    if store_id is None:
        of_campaign = None if campaign.store_ids is None else sorted(campaign.store_ids)
        found = await list_stores(conn, campaign.program_id, PageRequest(NEWEST, 1), of_campaign)
        store = found[0] if found else None
    else:
        store = await find_store(conn, campaign.program_id, store_id)
        if store is None or (campaign.store_ids is not None and store_id not in campaign.store_ids):
            raise not_found("store")
    if store is None:
        raise Problem("store-unknown", "Open a store first: this campaign's coupons are earned at one.")
    return store.name, ZoneInfo(store.time_zone), store.day_start_hour


async def _make_up(conn: Connection, program_id: ProgramId, program: str, language: str) -> Reader:
    """Somebody who has a value of every attribute, so that all that words can say is seen."""
    own: Locale = "ja" if choose_language(language, LOCALES) == "ja" else "en"
    fillable = await read_fillable(conn, program_id, offers=[], has_store=False, has_link=False)
    values: dict[str, ReaderValue] = dict(_SAMPLE_NAMES[own])
    for field in fillable.fields:
        values.setdefault(field.name, _sample(field))
    return Reader(program=program, values=values, points=1250 if fillable.has_points else None)


def _sample(field: Field) -> ReaderValue:
    match field.kind:
        case "number":
            return 3
        case "date":
            return date(2026, 4, 1)
        case "flag":
            return True
        case "choice":
            return LabelledValue(field.labels[:1])
        case _:
            return field.name.removeprefix(OWN)


def _preview_push(campaign: Campaign, scene: Scene, target: Target) -> PushPreview:
    text = write_push(scene.push, scene.words, scene.language)
    size = push_bytes(text.title, text.body, scene.words.link)
    return PushPreview(
        title=text.title,
        body=text.body,
        image_url=target.picture_url,
        link=target.link,
        size_bytes=size + (IMAGE_BYTES if campaign.picture_name is not None else 0),
    )
