"""What a campaign's form offers to choose from: of the program, as far as somebody of the staff sees it."""

from collections.abc import Collection, Sequence

import msgspec

from audiences.audiences_repository import list_audiences
from coupons.campaigns.triggers import TRIGGERS, TriggerKind
from coupons.placeholders import Known
from ids import CampaignId, ProgramId, StoreId
from kit.database import Connection
from kit.pages import NEWEST, PageRequest
from kit.sql import load_queries
from points.ranks_repository import read_rank_rules
from points.rules_repository import read_point_rules
from points.stamps_repository import read_stamp_cards
from programs.staff_repository import Session
from programs.stores_repository import find_stores_by_code, list_stores
from server.messages.readers import read_fillable
from server.web.scoping import scope_of

QUERIES = load_queries(__file__, "choices.sql")
_SHOWN_STORES = 40
# As many as are ticked one by one; of more the form says only how many they are.
MAX_TICKED = 200


class Choice(msgspec.Struct, frozen=True):
    value: str
    label: str


class Placeholder(msgspec.Struct, frozen=True):
    """`text`: what a button puts in: with what to say without it, where not everybody has one."""

    name: str
    text: str


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """`are_all_stores`: whether each store of theirs is among `stores`."""

    stores: Sequence[Choice]
    are_all_stores: bool
    may_choose_all: bool
    groups: Sequence[str]
    audiences: Sequence[Choice]
    newest_versions: dict[str, int]
    campaigns: Sequence[Choice]
    ranks: Sequence[Choice]
    cards: Sequence[str]
    placeholders: Sequence[Placeholder]
    currency: str | None


async def read_choices(
    conn: Connection, staff: Session, campaign_id: CampaignId, chosen: Collection[StoreId], trigger: TriggerKind
) -> Choices:
    """`chosen`: the stores that are ticked already. `trigger`: whose words are to be filled."""
    program_id, scope = staff.program_id, scope_of(staff)
    stores = await list_stores(conn, program_id, PageRequest(NEWEST, _SHOWN_STORES), scope, with_closed=False)
    more = sorted(set(chosen) - {each.id for each in stores})
    ticked = await list_stores(conn, program_id, PageRequest(NEWEST, MAX_TICKED), more) if more else []
    audiences = await list_audiences(conn, program_id, PageRequest(NEWEST, 200))
    ranks = (await read_rank_rules(conn, [program_id])).get(program_id)
    cards = (await read_stamp_cards(conn, [program_id])).get(program_id, [])
    rules = (await read_point_rules(conn, [program_id])).get(program_id)
    return Choices(
        stores=[Choice(str(each.id), each.name) for each in [*ticked, *stores[:_SHOWN_STORES]]],
        are_all_stores=len(stores) <= _SHOWN_STORES,
        may_choose_all=scope is None,
        groups=[row["store_group"] for row in await conn.fetch(QUERIES.list_groups, program_id)]
        if scope is None
        else [],
        audiences=[Choice(str(each.id), each.name) for each in audiences],
        newest_versions={str(each.id): each.version for each in audiences},
        campaigns=[
            Choice(str(row["id"]), row["name"])
            for row in await conn.fetch(QUERIES.list_other_campaigns, program_id, campaign_id)
        ],
        ranks=[] if ranks is None else [Choice(each.code, each.code) for each in ranks.ranks],
        cards=[each.code for each in cards],
        placeholders=await _read_placeholders(conn, program_id, trigger),
        currency=None if rules is None else rules.currency,
    )


async def _read_placeholders(conn: Connection, program_id: ProgramId, trigger: TriggerKind) -> list[Placeholder]:
    has_store = TRIGGERS[trigger].needs_store
    fillable = await read_fillable(conn, program_id, offers=[], has_store=has_store, has_link=True)
    return [Placeholder(name, _text_of(name, known)) for name, known in fillable.known().items()]


def _text_of(name: str, known: Known) -> str:
    if known.kind == "flag":
        return f"{{if {name}}}{{end}}"
    return f"{{{name}}}" if known.is_certain else f"{{if {name}}}{{{name}}}{{end}}"


async def find_typed_stores(conn: Connection, staff: Session, codes: Sequence[str]) -> dict[str, str]:
    """The ids of the stores of these codes, as far as there are any. Whether they are theirs is the API's to say."""
    async with conn.transaction(readonly=True):  # its rows come by a cursor
        found = await find_stores_by_code(conn, staff.program_id, codes[:1000])
    return {code: str(store.id) for code, store in found.items()}
