"""Reading what trees ask for of some members: in at most three batched reads, and only those that are asked for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from audiences.facts import MemberFacts
from audiences.leaf_conditions import leaf_condition
from audiences.moment import Moment
from audiences.statement import Statement
from audiences.views import HeldCoupon, MemberView, Needs, PastPurchase, PastVisit, decode_items
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "views.sql")
_FACTS = MemberFacts.__struct_fields__
_CONSENTS = ("location", "push", "email", "sms", "voice")
# Zones are at most a day apart: what was read too much is left out by the day itself.
_A_DAY = timedelta(days=1)


async def read_views(
    conn: Connection, program_id: ProgramId, member_ids: Sequence[MemberId], needs: Needs, now: datetime
) -> dict[MemberId, MemberView]:
    """Who has no facts is absent."""
    query, *arguments = QUERIES.read_member_views(
        program_id=program_id,
        member_ids=member_ids,
        profile=needs.profile,
        reach=needs.reach,
        tags=needs.tags,
    )
    if needs.judged:
        query = _with_judged(needs, query, arguments, now)
    rows = await conn.fetch(query, *arguments)
    found: dict[MemberId, dict[str, Any]] = {row["member_id"]: _view(row, needs) for row in rows}
    if found and needs.coupons_of:
        await _read_coupons(conn, found, needs)
    if found and (needs.visit_days or needs.purchase_days or needs.stamp_cards):
        await _read_past(conn, found, needs, now)
    return {member_id: MemberView(**fields) for member_id, fields in found.items()}


def _with_judged(needs: Needs, query: str, arguments: list[object], now: datetime) -> str:
    """As for a count: nobody else knows where the stores lie, and by what channels a program sends. Adds to the
    arguments, of which the program is the first.
    """
    statement = Statement(arguments, Moment(now, UTC))
    columns = ", ".join(
        f"{leaf_condition(statement, leaf, {})} AS leaf_{place}" for place, leaf in enumerate(needs.judged.values())
    )
    return f"SELECT v.*, {columns} FROM ({query}) v JOIN {statement.source} ON f.member_id = v.member_id"


def _view(row: Any, needs: Needs) -> dict[str, Any]:
    fields: dict[str, Any] = {"facts": MemberFacts(**{name: row[name] for name in _FACTS})}
    if needs.profile:
        own = msgspec.json.decode(row["own_attributes"] or "{}")
        fields |= {
            "birth_year": row["birth_year"],
            "birthday": row["birthday"],
            "attributes": own | msgspec.json.decode(row["standard_attributes"]),
        }
    if needs.reach:
        consents = {purpose for purpose in _CONSENTS if row[f"{purpose}_consent"]}
        fields |= {
            "consents": frozenset(consents | {"profiling"} if row["may_profile"] else consents),
            "platforms": frozenset(row["platforms"]),
        }
    if needs.tags:
        fields["tags"] = frozenset(row["tags"])
    if needs.judged:
        fields["judged"] = {key: row[f"leaf_{place}"] for place, key in enumerate(needs.judged)}
    return fields


async def _read_coupons(conn: Connection, found: Mapping[MemberId, dict[str, Any]], needs: Needs) -> None:
    campaigns = None if None in needs.coupons_of else list(needs.coupons_of)
    for row in await conn.fetch(QUERIES.read_held_coupons, list(found), campaigns):
        held = HeldCoupon(row["campaign_id"], row["expires_at"], row["is_issued"], row["is_used"], row["is_usable"])
        found[row["member_id"]].setdefault("coupons", []).append(held)


async def _read_past(conn: Connection, found: Mapping[MemberId, dict[str, Any]], needs: Needs, now: datetime) -> None:
    def since(days: int | None) -> datetime | None:
        if days is None:
            return None
        return max(now - timedelta(days=min(days, 36_500)) - _A_DAY, datetime(1970, 1, 1, tzinfo=UTC))

    visits_from, bought_from = since(needs.visit_days), since(needs.purchase_days)
    persons = {member_id: member_id for member_id in found}
    persons |= {row["name"]: row["member_id"] for row in await conn.fetch(QUERIES.find_names, list(found))}
    rows = await conn.fetch(
        *QUERIES.read_past(
            persons=list(persons.values()),
            names=list(persons),
            visits_from=None if visits_from is None else visits_from.date(),
            bought_from=bought_from,
            cards=sorted(needs.stamp_cards),
            items=needs.items,
        )
    )
    for row in rows:
        fields = found[row["member_id"]]
        if row["kind"] == "visit":
            fields.setdefault("visits", []).append(PastVisit(row["store_id"], row["business_day"], row["at"]))
        elif row["kind"] == "purchase":
            items = decode_items(row["items"] or "[]")
            bought = PastPurchase(row["store_id"], row["at"], row["number"], row["untold"], items)
            fields.setdefault("purchases", []).append(bought)
        else:
            fields.setdefault("stamps_on", {})[row["card"]] = row["number"]
