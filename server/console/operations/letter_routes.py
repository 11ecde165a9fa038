"""Messages that could not be delivered: why, and what is to become of them. Without their words, as in the API."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get, post

from ids import CampaignId, ProgramId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import make_page, parse_page
from kit.sql import load_queries
from outbox.dead_letters_repository import DeadLetter, Which, list_dead_letters
from outbox.kinds import CHANNEL_KINDS, ChannelKind
from programs.staff_repository import Session
from server.backoffice.dead_letter_routes import Choice, choose, dismiss_letters, resend_letters, target_of
from server.console.form_values import is_usable, read_id
from server.console.frame import lead_on
from server.console.operations.letter_reasons import meaning_of
from server.console.operations.letter_words import LETTER_WORDS
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

LETTERS = "/console/dead-letters"
QUERIES = load_queries(__file__, "letters.sql")
_LETTERS_A_PAGE = 50
_MOST_ID = 40


class Line(msgspec.Struct, frozen=True):
    """`meaning`: the word of its reason."""

    letter: DeadLetter
    campaign: str | None
    meaning: str


class DeadLetterPageController(Controller):
    path = LETTERS

    @get()
    async def show_letters(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show(request, staff, services)

    @post("/resend", status_code=303)
    async def resend(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        async def work(conn: Connection, which: Which, now: datetime) -> str:
            return "letters_resent" if (await resend_letters(conn, which, now)).resent else "letters_none_resent"

        return await _do(request, staff, services, work)

    @post("/dismiss", status_code=303)
    async def dismiss(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        async def work(conn: Connection, which: Which, now: datetime) -> str:
            await dismiss_letters(conn, which, now)
            return "letters_dismissed"

        return await _do(request, staff, services, work)


async def _do(
    request: PageRequest,
    staff: Session,
    services: Services,
    work: Callable[[Connection, Which, datetime], Awaitable[str]],
) -> Response[Any]:
    """`work` returns the name of what is told afterwards."""
    choice, told = await _read_choice(request), ""
    if choice is None:
        return await _show(request, staff, services, error="none_chosen")
    which = choose(staff, choice)

    async def run(conn: Connection, now: datetime) -> None:
        nonlocal told
        told = await work(conn, which, now)

    await write(request, services, run, is_keyed=False, target=target_of(choice))
    narrowed = urlencode(_narrow(request))
    return lead_on(request, f"{LETTERS}?{narrowed}" if narrowed else LETTERS, told)


async def _read_choice(request: PageRequest) -> Choice | None:
    """The boxes that were ticked, or the whole campaign; None: nothing, or what no form of ours sends."""
    fields = (await request.form()).multi_items()
    sent = [(name, value) for name, value in fields if is_usable(value, _MOST_ID)]
    of_campaign = [value for name, value in sent if name == "all_of"]
    ids = [value for name, value in sent if name == "id"]
    try:
        return msgspec.convert({"campaign_id": of_campaign[0]} if of_campaign else {"ids": ids}, Choice)
    except msgspec.ValidationError:
        return None


def _narrow(request: PageRequest) -> dict[str, str]:
    """By what the address narrows the list, as far as it can be read."""
    asked = {name: request.query_params.get(name, "") for name in ("channel", "campaign")}
    is_known = {
        "channel": asked["channel"] in CHANNEL_KINDS,
        "campaign": read_id(asked["campaign"], CampaignId) is not None,
    }
    return {name: value for name, value in asked.items() if is_known[name]}


async def _show(request: PageRequest, staff: Session, services: Services, *, error: str | None = None) -> Response[str]:
    narrowed = _narrow(request)
    channel: ChannelKind | None = next((each for each in CHANNEL_KINDS if each == narrowed.get("channel")), None)
    campaign_id = read_id(narrowed.get("campaign", ""), CampaignId)
    which = Which(program_id=staff.program_id, channel=channel, campaign_id=campaign_id)
    asked = parse_page(request.query_params.get("cursor") or None, _LETTERS_A_PAGE)
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        page = make_page(await list_dead_letters(conn, which, asked, utc_now()), asked, lambda letter: letter.id)
        named = {each.campaign_id for each in page.items if each.campaign_id is not None} | {campaign_id} - {None}
        names = await _name_campaigns(conn, staff.program_id, named)
    return viewing.show(
        "console/operations/letters.html",
        LETTER_WORDS,
        status=200 if error is None else 422,
        lines=[Line(each, names.get(each.campaign_id), meaning_of(each.reason)) for each in page.items],
        channels=CHANNEL_KINDS,
        channel=channel,
        campaign_id=campaign_id,
        campaign=names.get(campaign_id),
        query=urlencode(narrowed),
        next_cursor=page.next_cursor,
        error=error,
    )


async def _name_campaigns(
    conn: Connection, program_id: ProgramId, ids: Collection[CampaignId | None]
) -> dict[CampaignId | None, str]:
    rows = await conn.fetch(QUERIES.name_campaigns, program_id, list(ids))
    return {row["id"]: row["name"] for row in rows}
