"""Audiences: listed, written as conditions with a live count, changed and removed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from audiences import tree as t
from audiences.audience import Audience
from audiences.audiences_repository import list_audiences
from audiences.describe import describe
from audiences.walk import walk
from ids import AudienceId, StoreId
from kit.database import Connection, connect
from kit.locales import Locale
from kit.names import MAX_NAME, is_name
from kit.pages import make_page, parse_page
from programs.staff_repository import Session
from server.audiences import save
from server.audiences.bodies import AudienceCountRequest, view_audience
from server.audiences.count_own import count_own
from server.audiences.definitions import read_definitions
from server.audiences.size import AudienceSize
from server.console.campaigns.audience_phrases import say_who
from server.console.campaigns.audience_words import AUDIENCES
from server.console.campaigns.choices import find_typed_stores, read_choices
from server.console.campaigns.form_page import NOBODY, read_fields
from server.console.campaigns.form_view import SAID_ON_PAGE, FormView, say_faults
from server.console.campaigns.tree_form import KINDS, ReadTree, place_in_tree, read_tree, rows_of, show_tree
from server.console.campaigns.typed import Fault, Fields, Typed
from server.console.formats import Writing
from server.console.frame import find_frame, lead_on, show_in_frame
from server.console.permissions import may_open, may_send
from server.faces.languages import language_of
from server.faces.pages import PageRequest, show_page
from server.problems import Problem
from server.runtime.snapshot import Snapshot
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

_A_PAGE = 50
LIST = "/console/audiences"


class AudienceLine(msgspec.Struct, frozen=True):
    audience: Audience
    words: str


class AudienceController(Controller):
    path = LIST

    @get()
    async def show_audiences(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        cursor, locale = request.query_params.get("cursor") or None, language_of(request)
        asked = parse_page(cursor, _A_PAGE)
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            rows = await list_audiences(conn, staff.program_id, asked)
        page = make_page(rows, asked, lambda audience: audience.id)
        lines = [AudienceLine(each, say_who(each.tree, None, locale)) for each in page.items]
        return show_in_frame(
            request,
            frame,
            "console/campaigns/audiences.html",
            AUDIENCES,
            lines=lines,
            next_cursor=page.next_cursor,
            may_write=may_send(staff, "/console/audiences/new"),
        )

    @get("/new")
    async def show_new(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show_form(request, staff, services, None)

    @post("/new", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def write_new(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        return await _save(request, staff, services, None)

    @get("/{audience_id:uuid}")
    async def show_audience(
        self,
        audience_id: FromPath[AudienceId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        return await _show_form(request, staff, services, await _find(services, staff, audience_id))

    @post("/{audience_id:uuid}", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def write_audience(
        self,
        audience_id: FromPath[AudienceId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        return await _save(request, staff, services, await _find(services, staff, audience_id))

    @post("/{audience_id:uuid}/removal", status_code=200)
    async def remove_audience(
        self,
        audience_id: FromPath[AudienceId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        async def work(conn: Connection, now: datetime) -> None:
            await save.remove(conn, staff.program_id, audience_id, now)

        try:
            await write(request, services, work, is_keyed=False)
        except Problem as problem:
            if problem.slug != "audience-in-use":
                raise
            users = [*problem.extra.get("campaigns", ()), *problem.extra.get("audiences", ())]
            fault = Fault("form", "audience_in_use", text=", ".join(map(str, users)))
            held = await _find(services, staff, audience_id)
            return await _show_form(request, staff, services, held, faults={"form": fault})
        return lead_on(request, LIST, "audience_removed")

    @post("/count", status_code=200, request_max_body_size=MAX_LONG_BODY_BYTES)
    async def count_audience(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        """A part of the page for htmx; for whoever has no script, the whole form with the number in it."""
        fields = await read_fields(request)
        size, faults = await _count(services, staff, fields)
        if "hx-request" not in request.headers:
            held = await _find_named(services, staff, Typed(fields).one("audience_id"))
            return await _show_form(request, staff, services, held, fields=fields, faults=faults, size=size)
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
        writing = Writing(language_of(request), ZoneInfo(frame.program.time_zone))
        return show_page(
            request, "console/campaigns/audience_size.html", AUDIENCES,
            size=size, writing=writing, may_see=may_open(staff, "/console/members/{member_id}"),
        )  # fmt: skip


async def _find(services: Services, staff: Session, audience_id: AudienceId) -> Audience:
    """Raises Problem."""
    async with connect(services.pool) as conn:
        return await save.find(conn, staff.program_id, audience_id)


async def _find_named(services: Services, staff: Session, text: str) -> Audience | None:
    try:
        return await _find(services, staff, AudienceId(UUID(text)))
    except ValueError:
        return None


async def _read(services: Services, staff: Session, fields: Fields) -> ReadTree:
    typed = Typed(fields)
    codes = [code for name in fields if name.endswith("_stores") for code in typed.lines(name)]
    async with connect(services.pool) as conn:
        by_code = await find_typed_stores(conn, staff, codes) if codes else {}
    return read_tree(typed, by_code)


async def _count(services: Services, staff: Session, fields: Fields) -> tuple[AudienceSize | None, Mapping[str, Fault]]:
    read = await _read(services, staff, fields)
    if read.tree is None:
        return None, read.faults
    try:
        return await count_own(services, staff, AudienceCountRequest(tree=read.tree)), {}
    except Problem as problem:
        return None, _place(problem, read)


def _place(problem: Problem, read: ReadTree) -> Mapping[str, Fault]:
    """Raises Problem where it is about something else."""
    if problem.slug != "invalid-audience":
        raise problem
    path = str(problem.extra.get("at", ""))
    fault = place_in_tree(path, read.places, "condition_refused", text=problem.detail.removeprefix(f"{path}: "))
    return {fault.field: fault}


async def _save(request: PageRequest, staff: Session, services: Services, held: Audience | None) -> Response[Any]:
    fields = await read_fields(request)
    typed, read = Typed(fields), await _read(services, staff, fields)
    faults = dict(read.faults)
    name = typed.one("name")
    if not is_name(name):
        what = "missing" if not name else "too_long" if len(name) > MAX_NAME else "hidden_marks"
        faults["name"] = Fault("name", what, most=str(MAX_NAME))
    if typed.one("do") == "more":
        return await _show_form(request, staff, services, held, fields=fields)
    tree = read.tree
    if faults or tree is None:
        return await _show_form(request, staff, services, held, fields=fields, faults=faults)

    async def work(conn: Connection, now: datetime) -> Any:
        if held is None:
            return view_audience(await save.create(conn, staff.program_id, name, tree, now))
        version = typed.number("version") or held.version
        return view_audience(await save.change(conn, staff.program_id, held.id, name, tree, version, now))

    try:
        await write(request, services, work, is_keyed=False)
    except Problem as problem:
        if problem.slug == "audience-changed":
            faults = {"form": Fault("form", "audience_changed")}
        elif problem.status in SAID_ON_PAGE:
            faults = dict(_place(problem, read))
        else:
            raise
        return await _show_form(request, staff, services, held, fields=fields, faults=faults)
    return lead_on(request, LIST, "audience_saved")


async def _show_form(
    request: PageRequest,
    staff: Session,
    services: Services,
    held: Audience | None,
    *,
    fields: Fields | None = None,
    faults: Mapping[str, Fault] | None = None,
    size: AudienceSize | None = None,
) -> Response[str]:
    locale = language_of(request)
    async with connect(services.pool) as conn:
        frame = await find_frame(conn, request, services, staff)
        definitions = await read_definitions(conn, staff.program_id)
        if fields is None:
            tree = None if held is None else msgspec.to_builtins(held.tree)
            codes = {} if held is None else _codes_of(services.keeper.current, held.tree)
            fields = show_tree(tree, codes) | {"name": [] if held is None else [held.name]}
        choices = await read_choices(conn, staff, NOBODY, _chosen_in(fields), "enter")
    view = FormView(fields, say_faults(faults or {}, locale))
    return show_in_frame(
        request,
        frame,
        "console/campaigns/audience.html",
        AUDIENCES,
        status=422 if faults else 200,
        f=view,
        held=held,
        groups=rows_of(fields),
        kinds=KINDS,
        kept=_say_kept(fields, locale),
        choices=choices,
        attributes=sorted(definitions),
        size=size,
        writing=Writing(locale, ZoneInfo(frame.program.time_zone)),
        may_see=may_open(staff, "/console/members/{member_id}"),
        may_write=may_send(staff, "/console/audiences/new"),
    )


def _chosen_in(fields: Fields) -> Typed:
    """What its rows name, and what is searched for, as the lists to choose from ask for it."""
    typed = Typed(fields)
    return Typed(
        {
            "audience": [typed.one(name) for name in fields if name.endswith("_audience")],
            "trigger_campaign": [typed.one(name) for name in fields if name.endswith("_campaign")],
            **{name: typed.all(name) for name in ("find_audience", "find_trigger_campaign")},
        }
    )


def _codes_of(snapshot: Snapshot, tree: t.Tree) -> dict[str, str]:
    """The codes of the stores that it names, as far as they are open."""
    named: set[StoreId] = set()
    for _, _, node in walk(tree):
        if isinstance(node, t.VisitCount | t.PurchaseTotal):
            named.update(node.store_ids or ())
        if isinstance(node, t.HomeStoreIs):
            named.update(node.is_one_of)
    return {str(each): store.code for each in named if (store := snapshot.stores.get(each)) is not None}


def _say_kept(fields: Fields, locale: Locale) -> dict[str, str]:
    """What a row says that no field can: in words, by the beginning of its name."""
    said = {}
    for name in fields:
        if name.endswith("_kept"):
            try:
                said[name.removesuffix("kept")] = describe(msgspec.json.decode(fields[name][0], type=t.Tree), locale)
            except (msgspec.DecodeError, msgspec.ValidationError):
                continue
    return said
