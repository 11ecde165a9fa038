"""Whether a campaign's words can reach people as they are written: languages, placeholders, lengths, channels.

All of it is looked at when the campaign is written, with the longest values that can fill it; nothing when it is sent.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from channels.message_limits import find_excess, size_for
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import SendMessage
from coupons.campaigns.message_texts import EmailText, LineText, MessageTexts, PushText, ShortText, link_to
from coupons.campaigns.triggers import TRIGGERS, TriggerKind
from coupons.coupon_codes import CODE_LENGTH
from coupons.offers import Offer, OfferText, read_offer
from coupons.placeholders import Known, fill_longest, find_fault, names_in
from coupons.reader_words import Fillable
from experiments.experiment import Variant
from kit.database import Connection
from kit.languages import find_tag_fault
from outbox.kinds import ChannelKind
from push.messages import IMAGE_BYTES, MAX_PAYLOAD_BYTES, Push, payload_bytes
from server.messages.readers import read_fillable, words_in
from server.messages.write_message import SHORT, Escape, Target, make_message, push_texts_of, texts_of
from server.problems import Problem

OTHER_CHANNELS: tuple[ChannelKind, ...] = ("email", "line", "sms", "voice", "messenger")
_LONGEST_ID = str(UUID(int=0))


class _Check(msgspec.Struct, frozen=True):
    """`known`, `fillable`: what can fill the words."""

    fillable: Fillable
    known: Mapping[str, Known]
    link: str | None


async def check_messages(conn: Connection, campaign: Campaign, variants: Iterable[Variant] = ()) -> None:
    """`variants`: what is tried, each with an offer of its own or none. Raises Problem, which names the field."""
    trigger = campaign.trigger.kind
    offers = {"offer": campaign.offer}
    offers |= {f"variants[{each.code}].offer": read_offer(each.offer) for each in variants if each.offer is not None}
    for field, offer in offers.items():
        require_offer(offer, trigger, field)
    fillable = await read_fillable(
        conn,
        campaign.program_id,
        offers=list(offers.values()),
        has_store=TRIGGERS[trigger].needs_store,
        has_link=campaign.messages.link is not None,
    )
    check = _Check(fillable, fillable.known(), link_to(campaign.messages, _LONGEST_ID))
    _check_texts(campaign.messages, trigger, "messages", check)
    if campaign.messages.push is None:
        for field, offer in offers.items():
            _check_pushes(push_texts_of(campaign.messages, offer), field, check)
    for place, step in enumerate(campaign.follow_ups):
        if isinstance(step.action, SendMessage):
            _check_step(step.action, trigger, f"follow_ups[{place}].action", check)


def require_offer(offer: Offer, trigger: TriggerKind, field: str) -> None:
    """Of an offer, which stays with the coupon, only the store's name is filled. Raises Problem."""
    require_languages(offer, field)
    known = {"store": Known()} if TRIGGERS[trigger].needs_store else {}
    for tag, text in offer.items():
        for part in OfferText.__struct_fields__:
            words = getattr(text, part)
            if words is not None:
                _require(find_fault(words, known), f"{field}.{tag}.{part}")


def require_languages(texts: Iterable[str], field: str) -> None:
    for tag in texts:
        fault = find_tag_fault(tag)
        if fault is not None:
            raise Problem("invalid-request", f"In {field}, {fault}; {tag!r} is none.")


def _check_step(action: SendMessage, trigger: TriggerKind, field: str, check: _Check) -> None:
    if action.messages.push is not None or action.messages.link is not None or action.messages.push_look is not None:
        raise Problem(
            "invalid-request",
            f"In {field}, give the words of the push as text; link and push_look are those of the campaign's messages.",
        )
    require_languages(action.text, f"{field}.text")
    _check_pushes(action.text, f"{field}.text", check)
    _check_texts(action.messages, trigger, f"{field}.messages", check)


def _check_texts(texts: MessageTexts, trigger: TriggerKind, field: str, check: _Check) -> None:
    if texts.push is not None:
        _require_channel("push", trigger, f"{field}.push")
        require_languages(texts.push, f"{field}.push")
        _check_pushes(texts.push, f"{field}.push", check)
    for channel in OTHER_CHANNELS:
        written = texts_of(texts, channel)
        if written is None:
            continue
        of_channel = f"{field}.{channel}"
        _require_channel(channel, trigger, of_channel)
        require_languages(written, of_channel)
        for tag, text in written.items():
            _check_text(text, channel, tag, f"{of_channel}.{tag}", check)


def _require_channel(channel: ChannelKind, trigger: TriggerKind, field: str) -> None:
    rule = TRIGGERS[trigger]
    if not rule.rings:
        raise Problem(
            "invalid-request",
            f"Leave out {field}: with the trigger {trigger} nothing is sent, since the member has the coupon in hand.",
        )
    if channel == "messenger" and rule.recorded_with in ("run", "follow_up"):
        raise Problem(
            "invalid-request",
            f"Leave out {field}: Meta takes a message only in answer to somebody who wrote in the last 24 hours, and"
            f" with the trigger {trigger} time or the staff begin.",
        )


def _check_text(
    text: EmailText | LineText | ShortText, channel: ChannelKind, tag: str, field: str, check: _Check
) -> None:
    for name in text.__struct_fields__:
        words = getattr(text, name)
        if words is not None and name != "button":
            _require(find_fault(words, check.known), f"{field}.{name}")
    _require_web_link(text, field, check)
    size_of = size_for(channel)

    def fill_in(text: str, escape: Escape, max_length: int | None) -> str:
        return fill_longest(text, check.fillable.longest(tag, check.link, max_length), size_of, escape)

    message = make_message(text, channel, tag, fill_in, Target(recipient="", link=check.link, takes_replies=True))
    _require(find_excess(message), field)


def _require_web_link(text: EmailText | LineText | ShortText, field: str, check: _Check) -> None:
    asks = isinstance(text, LineText) and text.button is not None
    asks = asks or any("link" in names_in(words) for words in words_in(text))
    if asks and (check.link is None or not check.link.startswith("https://")):
        raise Problem("invalid-request", f"Give messages.link, a web address (https), or leave it out of {field}.")


def _check_pushes(texts: Mapping[str, PushText], field: str, check: _Check) -> None:
    for tag, text in texts.items():
        _require(find_fault(text.title, check.known), f"{field}.{tag}.title")
        _require(find_fault(text.body, check.known), f"{field}.{tag}.body")
        longest, size_of = check.fillable.longest(tag, check.link, SHORT), size_for("push")
        title, body = (fill_longest(words, longest, size_of) for words in (text.title, text.body))
        size = push_bytes(title, body, check.link)
        if size > MAX_PAYLOAD_BYTES - IMAGE_BYTES:
            _require(
                "shorten title and body: with the longest values that can fill them, what the app is told and a picture"
                f" the push has {size + IMAGE_BYTES} bytes, and the push service takes {MAX_PAYLOAD_BYTES}",
                f"{field}.{tag}",
            )


def push_bytes(title: str, body: str, link: str | None) -> int:
    """Of a push with these words, and all that an app is told with it, but for a picture."""
    data = dict.fromkeys(("push_id", "coupon_id", "campaign_id", "store_id"), _LONGEST_ID)
    data |= {"type": "coupon", "coupon_code": "N" * CODE_LENGTH, "link": link or ""}
    push = Push(token="", token_kind="fid", title=title, body=body, locale="", data=data, tag="", ttl_s=0)
    return payload_bytes(push)


def _require(fault: str | None, field: str) -> None:
    if fault is not None:
        raise Problem("invalid-request", f"In {field}, {fault}.")
