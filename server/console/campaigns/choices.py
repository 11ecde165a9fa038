"""What a campaign's form offers to choose from: of the program, as far as somebody of the staff sees it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from coupons.campaigns.triggers import TRIGGERS, TriggerKind
from coupons.placeholders import Known
from ids import AudienceId, CampaignId, ProgramId
from kit.database import Connection
from kit.sql import load_queries
from points.ranks_repository import read_rank_rules
from points.rules_repository import read_point_rules
from points.stamps_repository import read_stamp_cards
from programs.staff_repository import Session
from programs.stores_repository import find_stores_by_code
from server.console.campaigns.typed import Typed
from server.messages.readers import read_fillable
from server.web.scoping import scope_of

QUERIES = load_queries(__file__, "choices.sql")
# So many that a list can be read; others are searched for.
_SHOWN = 40
# As many as are ticked one by one; of more the form says only how many they are.
MAX_TICKED = 200
_LONGEST_SEARCH = 100


class Choice(msgspec.Struct, frozen=True):
    value: str
    label: str


class Found(msgspec.Struct, frozen=True):
    """`are_all`: whether there are no others. What is chosen already is always among them."""

    choices: Sequence[Choice]
    are_all: bool


class Placeholder(msgspec.Struct, frozen=True):
    """`text`: what a button puts in: with what to say without it, where not everybody has one."""

    name: str
    text: str


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """`next_steps`: the campaigns that can come after another."""

    stores: Found
    use_stores: Found
    may_choose_all: bool
    groups: Sequence[str]
    audiences: Found
    newest_version: int
    campaigns: Found
    next_steps: Found
    ranks: Sequence[Choice]
    cards: Sequence[str]
    placeholders: Sequence[Placeholder]
    currency: str | None


async def read_choices(
    conn: Connection, staff: Session, campaign_id: CampaignId, typed: Typed, trigger: TriggerKind
) -> Choices:
    """`typed`: what is chosen, and what is searched for. `trigger`: whose words are to be filled."""
    program_id, scope = staff.program_id, scope_of(staff)
    ranks = (await read_rank_rules(conn, [program_id])).get(program_id)
    cards = (await read_stamp_cards(conn, [program_id])).get(program_id, [])
    rules = (await read_point_rules(conn, [program_id])).get(program_id)
    audiences, newest = await _find_audiences(conn, program_id, typed)
    return Choices(
        stores=await _find_stores(conn, staff, typed, "store"),
        use_stores=await _find_stores(conn, staff, typed, "use_store"),
        may_choose_all=scope is None,
        groups=[row["store_group"] for row in await conn.fetch(QUERIES.list_groups, program_id)]
        if scope is None
        else [],
        audiences=audiences,
        newest_version=newest,
        campaigns=await _find_campaigns(conn, program_id, campaign_id, typed, "trigger_campaign", None),
        next_steps=await _find_campaigns(conn, program_id, campaign_id, typed, "step_campaign", "follow_up"),
        ranks=[] if ranks is None else [Choice(each.code, each.code) for each in ranks.ranks],
        cards=[each.code for each in cards],
        placeholders=await _read_placeholders(conn, program_id, trigger),
        currency=None if rules is None else rules.currency,
    )


async def _find_stores(conn: Connection, staff: Session, typed: Typed, name: str) -> Found:
    ticked = _ids(typed.all(name)[:MAX_TICKED])
    text = _searched(typed, name)
    rows = await conn.fetch(
        *QUERIES.find_stores_to_tick(
            program_id=staff.program_id,
            ticked=ticked,
            only=scope_of(staff),
            sought=text,
            limit=len(ticked) + _SHOWN + 1,
        )
    )
    return _found(rows, len(ticked) + _SHOWN, text)


async def _find_audiences(conn: Connection, program_id: ProgramId, typed: Typed) -> tuple[Found, int]:
    """And the newest version of the one that is chosen."""
    chosen, text = _ids(typed.all("audience")), _searched(typed, "audience")
    rows = await conn.fetch(
        *QUERIES.find_audiences_to_choose(program_id=program_id, chosen=chosen, sought=text, limit=_SHOWN + 2)
    )
    newest = next((row["version"] for row in rows if row["id"] in chosen), 0)
    return _found(rows, _SHOWN + len(chosen), text), newest


async def find_newest_version(conn: Connection, program_id: ProgramId, audience_id: AudienceId) -> int:
    """Of an audience; 1 where there is none."""
    _, newest = await _find_audiences(conn, program_id, Typed({"audience": [str(audience_id)]}))
    return newest or 1


async def _find_campaigns(
    conn: Connection, program_id: ProgramId, campaign_id: CampaignId, typed: Typed, name: str, trigger: str | None
) -> Found:
    chosen = _ids(
        value
        for field in typed.fields
        if field == name or (name == "step_campaign" and field.startswith("step_") and field.endswith("_campaign"))
        for value in typed.all(field)
    )
    text = _searched(typed, name)
    rows = await conn.fetch(
        *QUERIES.find_campaigns_to_choose(
            program_id=program_id, but=campaign_id, trigger=trigger, chosen=chosen, sought=text, limit=_SHOWN + 12
        )
    )
    return _found(rows, _SHOWN + 11, text)


def _searched(typed: Typed, name: str) -> str:
    return typed.one(f"find_{name}")[:_LONGEST_SEARCH]


def _found(rows: Sequence[Any], most: int, text: str) -> Found:
    return Found([Choice(str(row["id"]), row["name"]) for row in rows[:most]], len(rows) <= most and not text)


def _ids(texts: Any) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


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
