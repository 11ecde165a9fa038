"""While a campaign is being written: its sentence, and its messages as they will look. Nothing is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Controller, Response, post

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import SendMessage
from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.locales import Locale
from programs.programs_repository import Program
from programs.staff_repository import Session
from server.console.campaigns.faults import WHOLE, fault_of
from server.console.campaigns.form_languages import name_language
from server.console.campaigns.form_message_parts import with_ours
from server.console.campaigns.form_page import find_subject, make_draft, read_fields, read_typed, show_form_page
from server.console.campaigns.form_rows import change_rows
from server.console.campaigns.form_view import say_faults
from server.console.campaigns.form_words import FORM
from server.console.campaigns.mail_frame import show_mail
from server.console.campaigns.names import read_names
from server.console.campaigns.sentences import say_campaign, say_the_rest
from server.console.campaigns.typed import Fault, Fields, Typed
from server.console.form_values import read_id
from server.console.frame import find_frame
from server.faces.languages import language_of
from server.faces.pages import PageRequest, show_page
from server.messages.check_messages import check_messages
from server.messages.message_previews import MessagePreviews
from server.messages.preview import Asked, preview
from server.problems import Problem
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import ServicesDependency, SessionDependency


class ShownMessages(msgspec.Struct, frozen=True, kw_only=True):
    """A draft's messages in one language. `step` None: those of its coupon; else of a follow-up, from 1."""

    tag: str
    language: str
    step: int | None
    messages: MessagePreviews


class CampaignDraftController(Controller):
    path = "/console/campaigns/draft"

    @post("/sentence", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def say_sentence(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        fields, locale = _with_something(await read_fields(request)), language_of(request)
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            draft, _ = await _read_draft(conn, staff, frame.program, fields)
            names = {} if draft is None else await read_names(conn, services.keeper.current, frame.program, [draft])
        sentence = None if draft is None else say_campaign(draft, names[draft.id], locale)
        rest = [] if draft is None else say_the_rest(draft, names[draft.id], locale)
        return show_page(request, "console/campaigns/sentence.html", FORM, sentence=sentence, rest=rest)

    @post("/preview", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def preview_draft(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        """The whole form anew with the messages below it, of which htmx takes only these."""
        fields, locale = await read_fields(request), language_of(request)
        public_url = services.settings.public_url
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            subject = await find_subject(conn, staff, _id_of(fields), Typed(fields).one("like"))
            previews, faults = await _preview(conn, staff, frame.program, fields, locale, public_url)
            said = say_faults(faults, locale)
            mails = [(each.tag, each.language) for each in previews if each.step is None and each.messages.email]
            return await show_form_page(
                conn, request, staff, frame, subject, fields=fields, faults=said, previews=previews, mails=mails
            )

    @post("/form", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def show_draft_form(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        """The form anew with what was typed: a row more or less, another language, what was searched for."""
        fields = await read_fields(request)
        fields, focus = change_rows(fields, Typed(fields).one("do"))
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            subject = await find_subject(conn, staff, _id_of(fields), Typed(fields).one("like"))
            return await show_form_page(conn, request, staff, frame, subject, fields=fields, focus=focus)

    @post("/mail", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def show_draft_mail(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        """For a frame of the form, in which nothing runs."""
        fields = await read_fields(request)
        locale, public_url = language_of(request), services.settings.public_url
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            previews, _ = await _preview(conn, staff, frame.program, fields, locale, public_url)
        mails = {each.tag: each.messages.email for each in previews if each.step is None}
        return show_mail(mails.get(Typed(fields).one("mail_in")))


def _id_of(fields: Fields) -> CampaignId | None:
    return read_id(Typed(fields).one("campaign_id"), CampaignId)


def _with_something(fields: Fields) -> Fields:
    """A sentence is said before the name and the words are there."""
    typed = Typed(fields)
    missing = [name for name in ("name", "offer_ja_title", "offer_ja_body") if not typed.one(name)]
    return {**fields, **{name: ["…"] for name in missing}}


async def _read_draft(
    conn: Connection, staff: Session, program: Program, fields: Fields
) -> tuple[Campaign | None, Mapping[str, Fault]]:
    """Raises Problem."""
    subject = await find_subject(conn, staff, _id_of(fields), Typed(fields).one("like"))
    read = await read_typed(conn, staff, program, subject, fields)
    if read.body is None:
        return None, read.faults
    return await make_draft(conn, read.body, program.id, subject), {}


async def _preview(
    conn: Connection, staff: Session, program: Program, fields: Fields, locale: Locale, public_url: str | None
) -> tuple[Sequence[ShownMessages], Mapping[str, Fault]]:
    """In each language that the offer has, the coupon's and then those of each step. Faults: why there is none."""
    draft, faults = await _read_draft(conn, staff, program, fields)
    if draft is None:
        return [], faults
    steps = [number for number, step in enumerate(draft.follow_ups, 1) if isinstance(step.action, SendMessage)]
    try:
        await check_messages(conn, draft)
        return [
            ShownMessages(
                tag=tag,
                language=name_language(tag, locale),
                step=step,
                messages=await preview(conn, draft, _asked(tag, step), utc_now(), public_url),
            )
            for step in (None, *steps)
            for tag in with_ours(draft.offer)
            if tag in draft.offer
        ], {}
    except Problem as problem:
        fault = fault_of(problem.detail) or Fault(WHOLE, "other", text=problem.detail)
        return [], {fault.field: fault}


def _asked(tag: str, step: int | None) -> Asked:
    """Of somebody made up: no member's data is shown."""
    return Asked(member_id=None, language=tag, store_id=None, step=step)
