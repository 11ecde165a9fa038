"""A campaign's form as a page: what it is about, what it offers, and what somebody has typed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response

from coupons.campaigns.campaign import AudienceVersion, Campaign
from coupons.campaigns.triggers import TRIGGERS, TriggerKind
from coupons.redemptions.benefits import Grant, TextOnly
from coupons.redemptions.conditions import Conditions
from ids import AudienceId, CampaignId, ProgramId
from kit.clock import utc_now
from kit.database import Connection
from programs.programs_repository import Program
from programs.staff_repository import Session
from server.campaigns.bodies import make_campaign
from server.campaigns.change_bodies import CampaignReplacement, request_of
from server.campaigns.own_campaigns import find_campaign_of
from server.console.campaigns.choices import MAX_TICKED, find_newest_version, find_typed_stores, read_choices
from server.console.campaigns.form import ReadForm, blank_body, read_form, show_form
from server.console.campaigns.form_languages import name_language, offer_languages
from server.console.campaigns.form_message_parts import languages_typed
from server.console.campaigns.form_parts import Json
from server.console.campaigns.form_view import FormView, binds_use, list_kept
from server.console.campaigns.form_words import FORM
from server.console.campaigns.typed import Fields, Typed
from server.console.form_values import is_usable
from server.console.frame import Frame, show_in_frame
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.messages.picture_urls import picture_path

_MOST_FIELDS, _LONGEST = 2000, 25_000
NOBODY = CampaignId(UUID(int=0))


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a form is about. `campaign` None: a new one. `before`: the body that the form is shown for."""

    campaign: Campaign | None
    before: Json
    like: str = ""

    @property
    def version(self) -> int | None:
        return None if self.campaign is None else self.campaign.version


async def find_subject(conn: Connection, staff: Session, campaign_id: CampaignId | None, like: str) -> Subject:
    """`like`: of a new one, the id of the campaign that it begins as. Raises Problem."""
    if campaign_id is not None:
        campaign = await find_campaign_of(conn, staff, campaign_id)
        return Subject(campaign=campaign, before=msgspec.to_builtins(request_of(campaign)))
    blank = blank_body(utc_now().replace(second=0, microsecond=0))
    if not like:
        return Subject(campaign=None, before=blank)
    try:
        model = await find_campaign_of(conn, staff, CampaignId(UUID(like)))
    except ValueError:
        return Subject(campaign=None, before=blank)
    kept = msgspec.to_builtins(request_of(model))
    return Subject(
        campaign=None, before=kept | {"state": "draft", "starts_at": blank["starts_at"], "ends_at": None}, like=like
    )


async def read_fields(request: PageRequest) -> Fields:
    """All that a form has sent, but for files and what no field of ours would hold."""
    fields: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if is_usable(value, _LONGEST) and len(fields) < _MOST_FIELDS:
            fields.setdefault(name, []).append(value)
    return fields


async def read_typed(conn: Connection, staff: Session, program: Program, subject: Subject, fields: Fields) -> ReadForm:
    typed = Typed(fields)
    codes = typed.lines("store_codes")
    by_code = await find_typed_stores(conn, staff, codes) if codes else {}
    return read_form(typed, subject.before, ZoneInfo(program.time_zone), by_code)


async def make_draft(conn: Connection, body: CampaignReplacement, program_id: ProgramId, subject: Subject) -> Campaign:
    """As it would be, unchecked: to be said and shown, not to be kept."""
    audience, old = None, subject.campaign
    if body.audience_id is not None:
        version = body.audience_version or await find_newest_version(conn, program_id, AudienceId(body.audience_id))
        audience = AudienceVersion(body.audience_id, version)
    uses, conditions = body.coupon_uses, body.conditions or Conditions()
    draft = make_campaign(
        body,
        campaign_id=NOBODY if old is None else old.id,
        program_id=program_id,
        grouped_store_ids=frozenset(),
        audience=audience,
        grant=Grant(benefit=body.benefit or TextOnly(), conditions=conditions, uses=uses),
        created_at=body.starts_at,
    )
    return draft if old is None else msgspec.structs.replace(draft, picture_name=old.picture_name)


def picture_of(campaign: Campaign | None) -> str | None:
    """Where a page of ours finds it: each Host has the API's paths besides its own."""
    return None if campaign is None or campaign.picture_name is None else picture_path(campaign.picture_name)


async def show_form_page(
    conn: Connection,
    request: PageRequest,
    staff: Session,
    frame: Frame,
    subject: Subject,
    *,
    fields: Fields | None = None,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
    **values: Any,
) -> Response[str]:
    """`fields` None: nothing was typed yet."""
    shown = show_form(subject.before, ZoneInfo(frame.program.time_zone)) if fields is None else fields
    view = FormView(shown, faults or {})
    locale, typed = language_of(request), Typed(shown)
    choices = await read_choices(conn, staff, _id_of(subject), typed, _trigger_of(view))
    languages = languages_typed(typed)
    return show_in_frame(
        request,
        frame,
        "console/campaigns/form.html",
        FORM,
        status=status,
        f=view,
        choices=choices,
        subject=subject,
        kept=list_kept(subject.before),
        has_typed=fields is not None,
        keeps_stores=len(subject.before["store_ids"] or ()) > MAX_TICKED,
        keeps_use_stores=len((subject.before["conditions"] or {}).get("store_ids") or ()) > MAX_TICKED,
        has_use_rules=binds_use(view),
        picture=picture_of(subject.campaign),
        languages=[(tag, name_language(tag, locale)) for tag in languages],
        other_languages=offer_languages(languages, locale),
        triggers=list(TRIGGERS),
        rings={kind: rule.rings for kind, rule in TRIGGERS.items()},
        **values,
    )


def _id_of(subject: Subject) -> CampaignId:
    return NOBODY if subject.campaign is None else subject.campaign.id


def _trigger_of(view: FormView) -> TriggerKind:
    kind = view.one("trigger")
    return next((each for each in TRIGGERS if each == kind), "enter")
