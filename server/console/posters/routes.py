"""Posters: chosen by store, kind and size, and printed by the browser. Each speaks both languages."""

from typing import Literal, get_args

import phonenumbers
from litestar import Controller, Response, get
from litestar.params import FromPath

from cards.pictures import draw_qr
from ids import StoreId
from kit.database import Connection, connect
from kit.pages import make_page, parse_page
from kit.sql import load_queries
from programs import stores_repository
from programs.programs_repository import find_enrolment_settings
from programs.staff_repository import Session
from server.accounts.enrolment_routes import find_join_link
from server.check_ins.store_code_routes import find_printed_code
from server.console.posters.words import POSTERS
from server.console.viewing import open_viewing
from server.faces.card_colour import find_card_colour
from server.faces.colours import write_colours
from server.faces.headers import COMMON
from server.faces.pages import PageRequest
from server.faces.words import in_language
from server.problems import not_found
from server.web.access import ROUTES
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import require_stores, scope_of
from visits.rules_repository import find_visit_rules

QUERIES = load_queries(__file__, "posters.sql")
Kind = Literal["join", "check_in", "call"]
Size = Literal["a4", "card"]
_KINDS: tuple[Kind, ...] = get_args(Kind)
_SIZES: tuple[Size, ...] = get_args(Size)
_STORES_A_PAGE = 50


class PosterController(Controller):
    path = "/console/posters"

    @get()
    async def show_stores(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        asked = parse_page(request.query_params.get("cursor") or None, _STORES_A_PAGE)
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            rows = await stores_repository.list_stores(conn, staff.program_id, asked, scope_of(staff))
        stores = make_page(rows, asked, lambda store: store.id)
        shown = [store for store in stores.items if store.closed_at is None]
        return viewing.show("console/posters/list.html", POSTERS, stores=shown, next_cursor=stores.next_cursor)

    @get("/{store_id:uuid}")
    async def show_poster(
        self,
        store_id: FromPath[StoreId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        kinds = [kind for kind in _KINDS if kind != "call" or _may_read_numbers(staff)]
        kind = next((kind for kind in kinds if kind == request.query_params.get("kind")), "join")
        size = next((size for size in _SIZES if size == request.query_params.get("size")), "a4")
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            store = await stores_repository.find_store(conn, staff.program_id, store_id)
            if store is None:
                raise not_found("store")
            require_stores(staff, [store_id])
            rules = (await find_visit_rules(conn, [staff.program_id])).get(staff.program_id)
            settings = await find_enrolment_settings(conn, staff.program_id)
            number = await _find_number(conn, staff, store_id) if kind == "call" else None
        return viewing.show(
            "console/posters/poster.html",
            POSTERS,
            store=store,
            kind=kind,
            kinds=kinds,
            size=size,
            sizes=_SIZES,
            number=number,
            is_check_in_on=rules is not None and rules.by_store_qr,
            lead="join_app_lead" if kind == "join" and settings.join_url else f"{kind}_lead",
            copies=1 if size == "a4" else 10,
            ja=in_language("ja", POSTERS),
            en=in_language("en", POSTERS),
        )

    @get("/{store_id:uuid}/{kind:str}/code.svg")
    async def draw_code(
        self,
        store_id: FromPath[StoreId],
        kind: FromPath[str],
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        """What the API draws, for the poster's picture."""
        if kind == "check_in":
            text = await find_printed_code(services, staff, store_id)
        elif kind == "join":
            text = await find_join_link(services, staff, store_id, services.settings.card_url)
        else:
            raise not_found("code")
        headers = {**COMMON, "Cache-Control": "no-store"}
        return Response(draw_qr(text), media_type="image/svg+xml", headers=headers)

    @get("/colours.css")
    async def hand_out_colours(self, staff: SessionDependency, services: ServicesDependency) -> Response[str]:
        async with connect(services.pool) as conn:
            colour = await find_card_colour(conn, staff.program_id)
        headers = {**COMMON, "Cache-Control": "no-store"}
        return Response(write_colours(colour), media_type="text/css; charset=utf-8", headers=headers)


def _may_read_numbers(staff: Session) -> bool:
    return staff.role in ROUTES["GET", "/v1/call-numbers"]


async def _find_number(conn: Connection, staff: Session, store_id: StoreId) -> str | None:
    """As people dial it."""
    number = await conn.fetchval(QUERIES.find_call_number, staff.program_id, store_id)
    if number is None:
        return None
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)
