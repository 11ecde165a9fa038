"""The condition of each kind of leaf, as SQL that is true, false or null of each member. Pure.

What a member did stays with the member it was written for, so that what is looked up beside the facts is looked up for
all who became them too.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from audiences import tree as t
from audiences.attributes import AttributeDefinition, Definitions
from audiences.bought_items import items_condition
from audiences.moment import LEAP_DAY, birthdays_within, falls_on, month_and_day
from audiences.statement import Statement
from audiences.views import needs_rows, of_items
from outbox.kinds import PHONE_IDLE_AFTER

# A person's names.
_PERSON = "(SELECT f.member_id UNION ALL SELECT gone.member_id FROM members gone WHERE gone.merged_into = f.member_id)"
_STANDARD_COLUMNS: Mapping[str, str] = {
    "name": "p.name",
    "kana": "p.kana",
    "nickname": "p.nickname",
    "gender": "p.gender",
    "postal_code": "p.postal_code",
    "prefecture": "p.prefecture::text",
    "city": "p.city",
    "job": "p.job",
    "income_band": "p.income_band",
    "time_zone": "p.time_zone",
    "locale": "m.locale",
}


def leaf_condition(w: Statement, leaf: t.Leaf, definitions: Definitions) -> str:
    if isinstance(leaf, t.AttributeIs):
        return _attribute(w, leaf, definitions.get(leaf.key))
    return _LEAVES[type(leaf)](w, leaf)


def _attribute(w: Statement, leaf: t.AttributeIs, definition: AttributeDefinition | None) -> str:
    if definition is None or definition.is_removed:
        return "NULL::boolean"
    w.join("m" if leaf.key == "locale" else "p")
    if definition.kind == "many_of":
        return f"((p.attributes -> {w.bind(leaf.key, 'text')}) ?| {w.bind(leaf.is_one_of, 'text[]')})"
    own = f"(p.attributes ->> {w.bind(leaf.key, 'text')})" if definition.is_own else ""
    text = own or _STANDARD_COLUMNS[leaf.key]
    if definition.kind == "number":
        return w.between(f"{text}::float8", leaf.at_least, leaf.at_most, "float8")
    if definition.kind == "date":
        return w.between(f"{text}::date", leaf.from_day, leaf.to_day, "date")
    if definition.kind == "yes_no":
        return f"({text}::boolean = {w.bind(leaf.is_yes, 'boolean')})"
    tests = [] if leaf.is_one_of is None else [f"{text} = ANY ({w.bind(leaf.is_one_of, 'text[]')})"]
    tests += [] if leaf.starts_with is None else [f"starts_with({text}, {w.bind(leaf.starts_with, 'text')})"]
    return "(" + " AND ".join(tests) + ")"


_BIRTHDAY = "(100 * p.birth_month + p.birth_day)"


def _age(w: Statement, leaf: t.AgeIs) -> str:
    w.join("p")
    today = w.moment.today
    leap_day = w.bind(falls_on(LEAP_DAY, today.year), "int")
    birthday = f"(CASE WHEN {_BIRTHDAY} = {LEAP_DAY} THEN {leap_day} ELSE {_BIRTHDAY} END)"
    year, number = w.bind(today.year, "int"), w.bind(month_and_day(today.month, today.day), "int")
    return w.between(f"({year} - p.birth_year - ({birthday} > {number})::int)", leaf.at_least, leaf.at_most, "int")


def _birthday(w: Statement, leaf: t.BirthdayIn) -> str:
    w.join("p")
    days = birthdays_within(w.moment.today, leaf.at_least_days, leaf.at_most_days)
    return f"({_BIRTHDAY} = ANY ({w.bind(days, 'int[]')}))"


def _visits(w: Statement, leaf: t.VisitCount) -> str:
    if not needs_rows(leaf):
        return w.between("f.visits", leaf.at_least, leaf.at_most, "bigint")
    where = f"v.member_id IN {_PERSON} AND v.undone_at IS NULL AND v.first_at < {w.bind(w.moment.as_of, 'timestamptz')}"
    where += w.at_stores("v.store_id", leaf)
    if leaf.within_days is None:
        can_have = "f.visits > 0"
    else:
        since = w.bind(w.moment.day_ago(leaf.within_days - 1), "date")
        where += f" AND v.business_day >= {since}"
        can_have = f"f.last_visit_on >= {since}"
    counted = f"(SELECT count(DISTINCT (v.store_id, v.business_day)) FROM visits v WHERE {where})"
    # Most members are told apart by their facts, and nothing is counted for them.
    return w.between(f"(CASE WHEN {can_have} THEN {counted} ELSE 0 END)", leaf.at_least, leaf.at_most, "bigint")


def _last_visit(w: Statement, leaf: t.LastVisit) -> str:
    days = f"({w.bind(w.moment.today, 'date')} - f.last_visit_on)"
    return f"coalesce({w.between(days, leaf.at_least_days, leaf.at_most_days, 'int')}, FALSE)"


def _visit_cycle(w: Statement, leaf: t.VisitCycle) -> str:
    cycle = "(CASE WHEN f.visits > 1 THEN (f.last_visit_on - f.first_visit_on)::float8 / (f.visits - 1) END)"
    return w.between(cycle, leaf.at_least_days, leaf.at_most_days, "float8")


def _purchases(w: Statement, leaf: t.PurchaseTotal) -> str:
    if not needs_rows(leaf):
        return w.between("f.purchases" if leaf.measure == "count" else "f.spend", leaf.at_least, leaf.at_most, "bigint")
    where = f"b.member_id IN {_PERSON} AND b.fully_refunded_at IS NULL"
    where += f" AND b.purchased_at < {w.bind(w.moment.as_of, 'timestamptz')}" + w.at_stores("b.store_id", leaf)
    can_have = "f.purchases > 0"
    if leaf.within_days is not None:
        since = w.bind(w.moment.start_of_day_ago(leaf.within_days - 1), "timestamptz")
        where += f" AND b.purchased_at >= {since}"
        can_have = f"f.last_purchase_at >= {since}"
    if of_items(leaf):
        return items_condition(w, leaf, where, can_have)
    measure = "count(*)" if leaf.measure == "count" else "coalesce(sum(b.amount - b.refunded), 0)::bigint"
    gathered = f"(SELECT {measure} FROM purchases b WHERE {where})"
    return w.between(f"(CASE WHEN {can_have} THEN {gathered} ELSE 0 END)", leaf.at_least, leaf.at_most, "bigint")


def _last_purchase(w: Statement, leaf: t.LastPurchase) -> str:
    return f"coalesce({w.days_ago('f.last_purchase_at', leaf.at_least_days, leaf.at_most_days)}, FALSE)"


def _points(w: Statement, leaf: t.PointsHeld) -> str:
    return w.between("f.points", leaf.at_least, leaf.at_most, "bigint")


def _rank(w: Statement, leaf: t.RankIs) -> str:
    return f"coalesce(f.rank_code = ANY ({w.bind(leaf.is_one_of, 'text[]')}), FALSE)"


def _tag(w: Statement, leaf: t.TagIs) -> str:
    tagged = f"t.program_id = $1 AND t.tag = ANY ({w.bind(leaf.is_one_of, 'text[]')})"
    if w.is_of_few:
        return w.exists(f"member_tags t WHERE t.member_id = f.member_id AND {tagged}")
    return f"(f.member_id IN (SELECT t.member_id FROM member_tags t WHERE {tagged}))"


def _stamps(w: Statement, leaf: t.StampsHeld) -> str:
    if leaf.card is None:
        return w.between("f.stamps", leaf.at_least, leaf.at_most, "bigint")
    card = f"k.program_id = $1 AND k.code = {w.bind(leaf.card, 'text')}"
    standing = (
        "(SELECT count(*) FROM stamps s JOIN stamp_cards k ON k.id = s.stamp_card_id"
        f" WHERE s.member_id = f.member_id AND s.revoked_at IS NULL AND {card})"
    )
    full = (
        "(SELECT coalesce(sum(k.stamps_needed), 0) FROM stamp_completions d"
        " JOIN stamp_cards k ON k.id = d.stamp_card_id"
        f" WHERE d.member_id = f.member_id AND {card})"
    )
    return w.between(
        f"(CASE WHEN f.stamps > 0 THEN {standing} - {full} ELSE 0 END)", leaf.at_least, leaf.at_most, "bigint"
    )


def _coupon(w: Statement, leaf: t.CouponHeld) -> str:
    if leaf.campaign_id is None and leaf.state != "usable":
        return f"(f.coupons_{leaf.state} > 0)"
    of = "c.program_id = $1"
    if leaf.campaign_id is not None:
        of += f" AND c.campaign_id = {w.bind(leaf.campaign_id, 'uuid')}"
    if leaf.state == "used":
        found, of = "redemptions c", f"{of} AND c.till_id IS NOT NULL"
    else:
        found = "coupons c"
        of += " AND " + (_usable(w, w.moment.as_of) if leaf.state == "usable" else _STOOD)
    former = f"members gone JOIN {found} ON c.member_id = gone.member_id WHERE {of} AND gone.merged_into"
    if w.is_of_few:
        own = f"{found} WHERE {of} AND c.member_id"
        return f"({w.exists(f'{own} = f.member_id')} OR {w.exists(f'{former} = f.member_id')})"
    # Sets, each read once. Of those who became somebody there are few.
    became = f"SELECT gone.merged_into FROM {former} IS NOT NULL"
    return f"(f.member_id IN (SELECT c.member_id FROM {found} WHERE {of}) OR f.member_id IN ({became}))"


_OF_IT = "(r.member_id, r.coupon_id) = (c.member_id, c.id)"
_ENDED = "num_nonnulls(r.till_id, r.moved_to, r.undone_scan_id, r.had_as) > 0"
_VOIDED = f"EXISTS (SELECT FROM redemptions r WHERE {_OF_IT} AND r.void_id IS NOT NULL)"
# How many of its uses have ended otherwise; a use that a till only holds has not.
_GONE = f"(SELECT count(*) FROM redemptions r WHERE {_OF_IT} AND {_ENDED})"
_USED = f"EXISTS (SELECT FROM redemptions r WHERE {_OF_IT} AND r.till_id IS NOT NULL)"
# Not one that moved, nor one that ended before any till took it; one that the staff have voided was issued.
_STOOD = (
    "NOT EXISTS (SELECT FROM redemptions o WHERE (o.member_id, o.coupon_id) = (c.member_id, c.id)"
    " AND (o.moved_to IS NOT NULL OR (num_nonnulls(o.undone_scan_id, o.had_as) > 0"
    f" AND {_GONE} = o.uses AND NOT {_USED})))"
)


def _usable(w: Statement, as_of: datetime) -> str:
    return (
        f"c.expires_at > {w.bind(as_of, 'timestamptz')}"
        f" AND {_GONE} < c.uses AND NOT {_VOIDED}"
        " AND NOT EXISTS (SELECT FROM campaigns k WHERE k.id = c.campaign_id AND k.withdrawn_at IS NOT NULL)"
    )


_PHONE = "devices d WHERE d.member_id = f.member_id AND d.revoked_at IS NULL"
_PHONE_NUMBER = "EXISTS (SELECT FROM handles h WHERE h.member_id = f.member_id AND h.kind = 'phone')"
# What a link to LINE consents to, an unlinking withdraws.
_ADDRESSES: Mapping[str, str] = {
    "email": (
        "m.email_consent AND EXISTS (SELECT FROM mail_settings a WHERE a.program_id = $1)"
        " AND EXISTS (SELECT FROM handles h WHERE h.member_id = f.member_id AND h.kind = 'email'"
        " AND NOT EXISTS (SELECT FROM email_suppressions s"
        " WHERE s.member_id = h.member_id AND s.value_hash = h.value_hash))"
    ),
    "line": (
        "EXISTS (SELECT FROM line_channels a WHERE a.program_id = $1)"
        " AND EXISTS (SELECT FROM line_links l WHERE l.member_id = f.member_id AND l.blocked_at IS NULL)"
    ),
    "sms": (
        "m.sms_consent AND EXISTS (SELECT FROM phone_accounts a WHERE a.program_id = $1 AND a.sms_route IS NOT NULL)"
        f" AND {_PHONE_NUMBER}"
    ),
    "voice": (
        "m.voice_consent"
        " AND EXISTS (SELECT FROM phone_accounts a WHERE a.program_id = $1 AND a.voice_sender IS NOT NULL)"
        f" AND {_PHONE_NUMBER}"
    ),
}


def _consent(w: Statement, leaf: t.ConsentIs) -> str:
    if leaf.purpose == "profiling":
        return "f.may_profile"
    w.join("m")
    return f"m.{leaf.purpose}_consent"


def _platform(w: Statement, leaf: t.PlatformIs) -> str:
    return w.exists(f"{_PHONE} AND d.platform = ANY ({w.bind(leaf.is_one_of, 'text[]')})")


def _reachable(w: Statement, leaf: t.ReachableBy) -> str:
    w.join("m")
    if leaf.by != "push":
        return f"({_ADDRESSES[leaf.by]})"
    seen_after = w.bind(w.moment.as_of - PHONE_IDLE_AFTER, "timestamptz")
    phone = f"{_PHONE} AND d.push_token_state = 'active' AND d.last_seen_at > {seen_after}"
    return f"(m.push_consent AND {w.exists(phone)})"


def _home_store(w: Statement, leaf: t.HomeStoreIs) -> str:
    return f"(f.home_store_id = ANY ({w.bind(leaf.is_one_of, 'uuid[]')}))"


def _area(w: Statement, leaf: t.InArea) -> str:
    """Null without a home store or postal code, and where its place or the middle's is not known."""
    if leaf.by == "postal_code":
        w.join("p")
        key, places = "p.postal_code", "SELECT s.postal_code FROM postal_places s WHERE TRUE"
    else:
        key, places = "f.home_store_id", "SELECT s.id FROM stores s WHERE s.program_id = $1 AND s.location IS NOT NULL"
    if leaf.polygon is not None:
        corners = ", ".join(f"{lon!r} {lat!r}" for lon, lat in leaf.polygon)
        test = f"ST_Covers({w.bind(f'SRID=4326;POLYGON(({corners}))', 'text')}::geometry, s.location::geometry)"
    else:
        middle = _middle(w, leaf)
        places += f" AND {middle} IS NOT NULL"
        test = f"ST_DWithin(s.location, {middle}, {w.bind(leaf.radius_m, 'float8')})"
    return f"(CASE WHEN {key} IN ({places}) THEN {key} IN ({places} AND {test}) END)"


def _middle(w: Statement, leaf: t.InArea) -> str:
    if leaf.center is None:
        return f"(SELECT x.location FROM stores x WHERE x.program_id = $1 AND x.id = {w.bind(leaf.store_id, 'uuid')})"
    lon, lat = leaf.center
    return f"ST_SetSRID(ST_MakePoint({w.bind(lon, 'float8')}, {w.bind(lat, 'float8')}), 4326)::geography"


def _joined(w: Statement, leaf: t.JoinedAgo) -> str:
    return w.days_ago("f.joined_at", leaf.at_least_days, leaf.at_most_days)


_LEAVES: Mapping[type, Callable[[Statement, Any], str]] = {
    t.AgeIs: _age,
    t.BirthdayIn: _birthday,
    t.VisitCount: _visits,
    t.LastVisit: _last_visit,
    t.VisitCycle: _visit_cycle,
    t.PurchaseTotal: _purchases,
    t.LastPurchase: _last_purchase,
    t.PointsHeld: _points,
    t.RankIs: _rank,
    t.TagIs: _tag,
    t.StampsHeld: _stamps,
    t.CouponHeld: _coupon,
    t.ConsentIs: _consent,
    t.PlatformIs: _platform,
    t.ReachableBy: _reachable,
    t.HomeStoreIs: _home_store,
    t.InArea: _area,
    t.JoinedAgo: _joined,
}
