"""A member's data, by a search through every table: all of it is exported, and erased, and nobody else's is touched."""

import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import asyncpg
import pytest_asyncio

from devtools import template_database
from devtools.bootstrap import ROOT
from devtools.database_server import DatabaseServer, drop_database
from devtools.google_wallet_double import GoogleWalletDouble
from kit.clock import utc_now
from kit.database import Pool, in_read_only_transaction, in_transaction
from kit.sql import Queries
from migrations.schema import metadata
from points.postings_repository import find_mismatches
from server.maintenance import run_maintenance
from server.privacy.erase import erase, erase_again
from server.privacy.export import export
from server.privacy.holders import HOLDERS
from server.privacy.readme import FILES
from tests.support.databases import keep_known_root
from tests.support.google import settings_of
from tests.support.lives import KEYRING, Life, Town, build_town, live
from tests.support.scenes import Scene
from tests.support.traces import (
    Found,
    dump,
    find_traces,
    list_member_tables,
    list_tables,
    places_of,
    rows_of,
    traces_of,
)
from tests.support.world import World, open_world

# Where something of an erased member may stand, in which columns, and why.
LEDGER = {
    "members": {"member_id"},  # the tombstone that the ledger's rows refer to
    "point_accounts": {"member_id"},  # accounting records: what the program owed, and that it owes nothing now
    "point_postings": {"member_id", "id", "source_key", "reverses"},
    "purchases": {"member_id", "id", "standing_id", "receipt"},  # receipts: seven to ten years by tax law
    "refunds": {"member_id", "id", "purchase_id", "receipt"},
    "spends": {"member_id", "id", "standing_id", "receipt"},
    # A receipt counts once, whoever's it was.
    "receipts": {"member_id", "source_id", "receipt_hash", "bill_hash", "purchase_id", "spend_id"},
    "coupons": {"member_id", "id", "period_key"},  # what the redemptions refer to, and what the caps were spent on
    # Accounting records: what was given away. The id of an undone scan is replaced by the id of the coupon.
    "redemptions": {"member_id", "coupon_id", "redemption_id", "moved_to", "undone_scan_id", "had_as", "void_id"},
    "audit_entries": {"id"},  # what the staff did, without about whom
    "invitations": {"token_hash", "call_number_id"},  # what a poster has brought: that somebody has joined by it
}
# Until nothing from before the erasure can be under way any more: ten minutes.
TOMBSTONES = {
    "presences": {"member_id", "device_id"},
    "devices": {"member_id", "id"},
    "erasures": {"member_id"},
}
FOR_A_TIME = {
    "revoked_serials": {"serial"},  # 30 days: certificates are good for so long where a till has no line
    "google_endings": {"pass_id"},  # until Google has been told that a card is over, or for 30 days
    "verification_code_counts": {
        "value_hash"
    },  # a day: else whoever erases themselves could have codes sent without end
}
# Nothing is there before somebody is erased.
OF_ERASURE = {"erasures", "revoked_serials"}


class Street(NamedTuple):
    """Somebody, and a bystander who did the same things at the same store. Nobody else is in this database."""

    world: World
    town: Town
    life: Life
    bystander: Life

    @property
    def pool(self) -> Pool:
        return self.world.pool

    async def erase(self, now: datetime) -> None:
        await in_transaction(self.pool, lambda conn: erase(conn, self.town.chain.id, self.life.member.id, now))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lived(database_server: DatabaseServer, template: str) -> AsyncIterator[Scene[Street]]:
    """To live takes hundreds of requests: both have once, and each test has a copy."""
    name = await template_database.clone(database_server, template)
    connection = await asyncpg.connect(database_server.url(name))
    await keep_known_root(connection)
    await connection.close()
    with GoogleWalletDouble() as google, TemporaryDirectory() as folder:
        settings = settings_of(google, Path(folder))
        async with open_world(database_server.url(name), **settings) as world:
            town = await build_town(await world.add_chain())
            life = await live(town, "+819012345678", "hana@example.com", 0.000123456)
            street = Street(world, town, life, await live(town, "+819087654321", "ren@example.com", 0.000234567))
        yield Scene(database_server, name, settings, street)
    await drop_database(database_server, name)


async def export_of(pool: Pool, life: Life) -> bytes:
    file = io.BytesIO()
    await in_read_only_transaction(pool, lambda conn: export(conn, KEYRING, life.member.id, file))
    return file.getvalue()


async def traces(street: Street) -> set[str]:
    """What stands in their rows and nowhere else: ids, hashes, sealed values, words."""
    shared = traces_of(await rows_of(street.pool, street.bystander.member_ids), set())
    own = traces_of(await rows_of(street.pool, street.life.member_ids), shared)
    of_members = await list_member_tables(street.pool)
    of_others = {name: rows for name, rows in (await dump(street.pool)).items() if name not in of_members}
    return (own | set(street.life.words)) - set().union(*places_of(of_others, own).values())


async def test_the_fixture_fills_every_table_that_knows_members(lived: Scene[Street]) -> None:
    async with lived.copied() as street:
        for each in (street.life, street.bystander):
            rows = await rows_of(street.pool, each.member_ids)
            assert [name for name, held in rows.items() if not held] == ["erasures"], "extend tests/support/lives.py"
        found = await traces(street)
    assert set(street.life.words) <= found
    assert len(found) > 150


async def test_every_row_is_in_the_export_and_no_secret_is(lived: Scene[Street]) -> None:
    async with lived.copied() as street:
        life, bystander = street.life, street.bystander
        rows = await rows_of(street.pool, life.member_ids)
        packed = await export_of(street.pool, life)
        assert await export_of(street.pool, life) == packed
    archive = zipfile.ZipFile(io.BytesIO(packed))
    files = {name.removesuffix(".json"): archive.read(name) for name in archive.namelist()}
    readme = files.pop("README.txt").decode()
    assert set(files) == set(FILES) == set(rows) - {"erasures"}
    assert all(f"{name}.json" in readme for name in files)
    for name, content in files.items():
        exported = json.loads(content)
        assert len(exported) == len(rows[name]), name
        for row in rows[name]:
            assert any(is_shown(row, shown) for shown in exported), (name, row)
    everything = b"".join(files.values()).decode()
    assert [word for word in life.words if word not in everything] == []
    assert [word for word in bystander.words if word in everything] == []
    for secret in (
        "token_hash",
        "former_token_hash",
        "sealed_secret",
        "code_hash",
        "sealed_value",
        "sealed_message",
        "sealed_push_token",
    ):
        values = [row[secret] for held in rows.values() for row in held if row.get(secret)]
        assert not [value for value in values if value.hex() in everything], secret
        assert secret not in everything


def is_shown(row: dict[str, Any], shown: dict[str, Any]) -> bool:
    """By the row's key, as far as the file has it."""
    key = {name: str(value) for name, value in row.items() if name in {"id", "coupon_id", "source_id", "member_id"}}
    return all(str(shown[name]) == value for name, value in key.items() if name in shown)


async def test_nothing_is_left_of_an_erased_member(lived: Scene[Street]) -> None:
    now = utc_now()
    async with lived.copied() as street:
        wanted, before = await traces(street), await dump(street.pool)
        await street.erase(now)
        erased = await find_traces(street.pool, wanted)
        assert await erase_again(street.pool, now + timedelta(minutes=9)) == 0
        assert await erase_again(street.pool, now + timedelta(minutes=11)) == 2
        erased_again, left = await dump(street.pool), await find_traces(street.pool, wanted)
        await run_maintenance(street.pool, now + timedelta(days=31), 90)
        a_month_later = await find_traces(street.pool, wanted)
    check_left(erased, LEDGER | TOMBSTONES | FOR_A_TIME)
    assert {table for table, _ in erased} == set(LEDGER | TOMBSTONES | FOR_A_TIME)  # nothing is allowed in vain
    check_left(left, LEDGER | FOR_A_TIME)
    check_left(a_month_later, LEDGER)
    del before["pulses"]  # each second a process may tell it anew
    for name, rows in before.items():
        untouched = {row for row in rows if not any(trace in row for trace in wanted)}
        assert untouched <= set(erased_again[name]), name


async def test_no_id_and_no_lot_tells_the_day_of_a_visit(lived: Scene[Street]) -> None:
    """Ids begin with their moment, and points end so many days after they came."""
    now = utc_now()
    async with lived.copied() as street:
        await street.pool.execute("UPDATE point_rules SET valid_days = 40")
        before = await rows_of(street.pool, street.life.member_ids)
        await street.erase(now)
        await erase_again(street.pool, now + timedelta(minutes=11))
        rows = await rows_of(street.pool, street.life.member_ids)
        async with street.pool.acquire() as conn:
            assert await find_mismatches(conn) == []
    postings, ended = rows["point_postings"], rows["redemptions"]
    ids = [row[name] for row in postings for name in ("id", "reverses") if row[name]]
    ids += [row["id"] for row in rows["coupons"]] + [row["coupon_id"] for row in ended]
    moments = {datetime.fromtimestamp((each.int >> 80) / 1000, UTC) for each in ids}
    days = {datetime.fromisoformat(lot[0]) for row in postings for lot in json.loads(row["lots"])}
    assert [at for at in moments | days if (at.day, at.timetz().replace(tzinfo=None)) != (1, time())] == []
    used = [row for row in before["redemptions"] if row["held_until"] is None]  # what was only held is free
    assert [len(rows["coupons"]), len(ended)] == [len(before["coupons"]), len(used)]
    assert {row["reverses"] for row in postings} - {None} <= {row["id"] for row in postings}


def check_left(found: Found, allowed: dict[str, set[str]]) -> None:
    """Each trace stands in allowed columns of allowed tables only."""
    wrong = {place: sorted(traces)[:3] for place, traces in found.items() if place[1] not in allowed.get(place[0], ())}
    assert not wrong
    assert {table for table, _ in found} <= set(allowed)


async def test_the_bystander_is_the_same_right_after_the_erasure(lived: Scene[Street]) -> None:
    async with lived.copied() as street:
        before = await rows_of(street.pool, street.bystander.member_ids), await export_of(street.pool, street.bystander)
        await street.erase(utc_now())
        after = await rows_of(street.pool, street.bystander.member_ids), await export_of(street.pool, street.bystander)
    assert after == before


def test_every_table_that_knows_members_is_exported_and_erased() -> None:
    """By each package's personal.sql: a table that none of them names fails here."""
    texts: defaultdict[str, str] = defaultdict(str)  # by the first word of the query's name
    paths = [*ROOT.glob("*/personal.sql"), *ROOT.glob("server/*/personal.sql")]
    assert len(paths) == len(HOLDERS)
    for path in paths:
        for name, query in Queries(path).items():
            texts[name.split("_")[0]] += query + "\n"
    known = {name for name, table in metadata.tables.items() if "member_id" in table.columns}
    exported = set(re.findall(r"\bFROM (\w+)", texts["export"]))
    erased = set(re.findall(r"(?:DELETE FROM|UPDATE) (\w+)", texts["erase"]))
    assert known - exported == {"erasures"}
    assert known - erased == {"erasures", "point_accounts", "point_lots", "refunds", "receipts", "spends"}


def test_the_document_names_every_table_that_knows_members() -> None:
    page = (ROOT / "docs" / "personal-data.md").read_text(encoding="utf-8")
    known = {name for name, table in metadata.tables.items() if "member_id" in table.columns} | set(FILES)
    assert [name for name in sorted(known - OF_ERASURE) if f"`{name}`" not in page] == []


async def test_the_tables_that_are_searched_are_all_there_are(world: World) -> None:
    assert set(await list_tables(world.pool)) == set(metadata.tables)


async def test_an_erasure_that_cannot_be_finished_makes_way_for_the_others(lived: Scene[Street]) -> None:
    now = utc_now()
    async with lived.copied() as street:
        stuck, other = street.life.member, await street.town.chain.enrol()
        await street.erase(now - timedelta(minutes=1))
        await in_transaction(street.pool, lambda conn: erase(conn, street.town.chain.id, other.id, now))
        await street.pool.execute(
            "CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'halt'; END $$"
        )
        await street.pool.execute(
            "CREATE TRIGGER halt BEFORE DELETE ON erasures FOR EACH ROW"
            f" WHEN (old.member_id = '{stuck.id}') EXECUTE FUNCTION halt()"
        )
        assert await erase_again(street.pool, now + timedelta(minutes=11)) == 2, (
            "the alias of the stuck one, and the other"
        )
        assert await erase_again(street.pool, now + timedelta(minutes=12)) == 0, "not at once"
        await street.pool.execute("DROP TRIGGER halt ON erasures")
        assert await erase_again(street.pool, now + timedelta(minutes=22)) == 1
