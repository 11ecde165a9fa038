"""While a campaign is being written: its sentence, and its messages as they will look. Nothing is kept."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, post

from audiences.audiences_repository import list_audiences
from coupons.campaigns.campaign import Campaign
from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.locales import LOCALES, Locale
from kit.pages import NEWEST
from kit.pages import PageRequest as ListPage
from programs.programs_repository import Program
from programs.staff_repository import Session
from server.console.campaigns.faults import WHOLE, fault_of
from server.console.campaigns.form_page import find_subject, make_draft, read_fields, read_typed, show_form_page
from server.console.campaigns.form_view import say_faults
from server.console.campaigns.form_words import FORM
from server.console.campaigns.mail_frame import show_mail
from server.console.campaigns.names import read_names
from server.console.campaigns.sentences import say_campaign, say_the_rest
from server.console.campaigns.typed import Fault, Fields, Typed
from server.console.frame import find_frame
from server.faces.languages import language_of
from server.faces.pages import PageRequest, show_page
from server.messages.check_messages import check_messages
from server.messages.message_previews import MessagePreviews
from server.messages.preview import Asked, preview
from server.problems import Problem
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import ServicesDependency, SessionDependency


class ShownMessages(msgspec.Struct, frozen=True):
    """A draft's messages in one language."""

    locale: Locale
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
            previews, faults = await _preview(conn, staff, frame.program, fields, public_url)
            said = say_faults(faults, locale)
            return await show_form_page(
                conn, request, staff, frame, subject, fields=fields, faults=said, previews=previews
            )

    @post("/mail", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def show_draft_mail(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        """For a frame of the form, in which nothing runs."""
        fields = await read_fields(request)
        wanted = next((each for each in LOCALES if each == Typed(fields).one("mail_in")), language_of(request))
        public_url = services.settings.public_url
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            previews, _ = await _preview(conn, staff, frame.program, fields, public_url)
        mails = {each.locale: each.messages.email for each in previews}
        return show_mail(mails.get(wanted))


def _id_of(fields: Fields) -> CampaignId | None:
    try:
        return CampaignId(UUID(Typed(fields).one("campaign_id")))
    except ValueError:
        return None


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
    audiences = [] if read.body.audience_id is None else await list_audiences(conn, program.id, ListPage(NEWEST, 200))
    newest = {str(each.id): each.version for each in audiences}
    return make_draft(read.body, program.id, subject, newest), {}


async def _preview(
    conn: Connection, staff: Session, program: Program, fields: Fields, public_url: str | None
) -> tuple[Sequence[ShownMessages], Mapping[str, Fault]]:
    """In each of our languages that the offer has. Faults: why there is none."""
    draft, faults = await _read_draft(conn, staff, program, fields)
    if draft is None:
        return [], faults
    try:
        await check_messages(conn, draft)
        return [
            ShownMessages(locale, await preview(conn, draft, _asked(locale), utc_now(), public_url))
            for locale in LOCALES
            if locale in draft.offer
        ], {}
    except Problem as problem:
        fault = fault_of(problem.detail) or Fault(WHOLE, "other", text=problem.detail)
        return [], {fault.field: fault}


def _asked(locale: Locale) -> Asked:
    """Of somebody made up: no member's data is shown."""
    return Asked(member_id=None, language=locale, store_id=None, step=None)
