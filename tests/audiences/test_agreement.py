"""The two evaluators give the same answer: on random trees, of members with random books, in a real database."""

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audiences import tree as t
from audiences.attributes import AttributeDefinition, Definitions
from audiences.compile_sql import compile_tree
from audiences.counting_repository import (
    count_audience,
    count_in_time,
    count_judged,
    foresee,
    judge_members,
)
from audiences.evaluate import evaluate
from audiences.facts_repository import recount_facts
from audiences.moment import Moment
from audiences.views import needs_of
from audiences.views_repository import read_views
from coupons.campaigns_repository import create_campaign
from ids import AudienceId, CampaignId, MemberId, ProgramId, StoreId
from kit.database import Connection, Pool
from kit.ids import new_id
from tests.support.campaigns import CAMPAIGN

SEED, MEMBERS = 20261127, 200
TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2027, 2, 27, 3, tzinfo=UTC)
DEFINITIONS: Definitions = {
    each.key: each
    for each in (
        AttributeDefinition(
            key="gender", kind="one_of", choices=frozenset({"female", "male"}), is_profiling=True, is_own=False
        ),
        AttributeDefinition(key="city", kind="text", is_profiling=False, is_own=False),
        AttributeDefinition(
            key="prefecture", kind="one_of", choices=frozenset("123"), is_profiling=False, is_own=False
        ),
        AttributeDefinition(
            key="locale", kind="one_of", choices=frozenset({"ja", "en"}), is_profiling=False, is_own=False
        ),
        AttributeDefinition(key="size", kind="number", is_profiling=False, is_own=True),
        AttributeDefinition(key="since", kind="date", is_profiling=True, is_own=True),
        AttributeDefinition(key="vegan", kind="yes_no", is_profiling=True, is_own=True),
        AttributeDefinition(
            key="likes", kind="many_of", choices=frozenset({"tea", "coffee"}), is_profiling=False, is_own=True
        ),
    )
}
STORES = [StoreId(UUID(int=n + 1)) for n in range(3)]
CAMPAIGNS = [CampaignId(UUID(int=n + 101)) for n in range(3)]
PROGRAM = ProgramId(UUID(int=900))
TILL = UUID(int=901)


def some_range(low: int, high: int, names: tuple[str, str] = ("at_least", "at_most")) -> st.SearchStrategy[Any]:
    bounds = st.tuples(st.none() | st.integers(low, high), st.none() | st.integers(low, high))
    return bounds.filter(lambda both: both != (None, None)).map(lambda both: dict(zip(names, both, strict=True)))


DAYS = ("at_least_days", "at_most_days")
some_stores = st.none() | st.lists(st.sampled_from(STORES), min_size=1, max_size=2)
some_window = st.none() | st.sampled_from([1, 2, 7, 30, 400])


def some_attribute() -> st.SearchStrategy[t.AttributeIs]:
    return st.one_of(
        st.sampled_from(["female", "male"]).map(lambda word: t.AttributeIs(key="gender", is_one_of=[word])),
        st.sampled_from(["Kyoto", "K", "Nara"]).map(lambda word: t.AttributeIs(key="city", starts_with=word)),
        st.just(t.AttributeIs(key="city", is_one_of=["Kobe", "Nara"])),
        st.just(t.AttributeIs(key="prefecture", is_one_of=["1", "3"])),
        st.just(t.AttributeIs(key="locale", is_one_of=["en"])),
        some_range(0, 10).map(lambda both: t.AttributeIs(key="size", **both)),
        st.integers(0, 9).map(lambda n: t.AttributeIs(key="since", from_day=date(2026, 1, 1) + timedelta(days=n))),
        st.booleans().map(lambda each: t.AttributeIs(key="vegan", is_yes=each)),
        st.sampled_from([["tea"], ["tea", "coffee"]]).map(lambda words: t.AttributeIs(key="likes", is_one_of=words)),
        st.just(t.AttributeIs(key="no such", is_yes=True)),
    )


def some_leaf() -> st.SearchStrategy[t.Leaf]:
    def counted(kind: type, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        parts = st.fixed_dictionaries({"store_ids": some_stores, "within_days": some_window, **more})
        return st.tuples(some_range(0, 6), parts).map(lambda both: kind(**both[0], **both[1]))

    spent = st.builds(
        lambda amount, parts: t.PurchaseTotal(measure="amount", at_least=amount, **parts),
        st.integers(0, 4000),
        st.fixed_dictionaries({"store_ids": some_stores, "within_days": some_window}),
    )
    return st.one_of(
        some_attribute(),
        some_range(20, 60).map(lambda both: t.AgeIs(**both)),
        st.integers(0, 366).map(lambda days: t.BirthdayIn(at_most_days=days)),
        st.just(t.BirthdayIn(at_least_days=1, at_most_days=3)),
        counted(t.VisitCount),
        some_range(0, 40, DAYS).map(lambda both: t.LastVisit(**both)),
        some_range(0, 40, DAYS).map(lambda both: t.VisitCycle(**both)),
        counted(t.PurchaseTotal, measure=st.just("count")),
        spent,
        some_range(0, 40, DAYS).map(lambda both: t.LastPurchase(**both)),
        some_range(0, 100).map(lambda both: t.PointsHeld(**both)),
        st.just(t.RankIs(is_one_of=["gold"])),
        st.tuples(some_range(0, 6), st.sampled_from([None, "coffee", "no such"])).map(
            lambda both: t.StampsHeld(card=both[1], **both[0])
        ),
        st.builds(
            lambda state, campaign: t.CouponHeld(state=state, campaign_id=campaign),
            st.sampled_from(["issued", "usable", "used"]),
            st.none() | st.sampled_from(CAMPAIGNS),
        ),
        st.sampled_from([t.ConsentIs(purpose="location"), t.ConsentIs(purpose="push"), t.ConsentIs(purpose="email")]),
        st.sampled_from([t.ConsentIs(purpose="profiling"), t.ReachableBy(by="push"), t.ReachableBy(by="email")]),
        st.sampled_from([t.PlatformIs(is_one_of=["ios"]), t.PlatformIs(is_one_of=["android"])]),
        st.lists(st.sampled_from(STORES), min_size=1, max_size=2).map(lambda each: t.HomeStoreIs(is_one_of=each)),
        st.integers(1, 3000).map(lambda radius: t.HomeStoreWithin(store_id=STORES[0], radius_m=radius)),
        st.just(t.HomeStoreWithin(store_id=STORES[2], radius_m=1000)),
        st.just(
            t.HomeStoreWithin(
                polygon=[[139.69, 35.6], [139.701, 35.6], [139.701, 35.8], [139.69, 35.8], [139.69, 35.6]]
            )
        ),
        some_range(0, 400, DAYS).map(lambda both: t.JoinedAgo(**both)),
    )


def some_tree() -> st.SearchStrategy[t.Tree]:
    return st.recursive(
        some_leaf(),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map(lambda of: t.AllOf(of=of)),
            st.lists(inner, min_size=1, max_size=4).map(lambda of: t.AnyOf(of=of)),
            inner.map(lambda of: t.Not(of=of)),
        ),
        max_leaves=8,
    )


class Books:
    """Random members, written row by row as no flow would, so that every combination is there."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.luck = random.Random(SEED)
        self.members: list[MemberId] = []

    def maybe(self, value: Any, chance: float = 0.7) -> Any:
        return value if self.luck.random() < chance else None

    def moment(self, days: float = 60) -> datetime:
        return NOW - timedelta(days=self.luck.random() * days)

    async def row(self, table: str, **columns: Any) -> None:
        places = ", ".join(f"${n + 1}" for n in range(len(columns)))
        await self.conn.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", *columns.values())

    async def lay_ground(self) -> None:
        await self.row("programs", id=PROGRAM, code="kissa", name="Kissa", created_at=NOW)
        for n, store in enumerate(STORES):
            await self.row(
                "stores", id=store, program_id=PROGRAM, code=f"s-{n}", name="S", time_zone="Asia/Tokyo", created_at=NOW
            )
            if n < 2:
                place = f"SRID=4326;POINT({139.7 + n * 0.02} 35.69)"
                await self.conn.execute("UPDATE stores SET location = $2::text::geography WHERE id = $1", store, place)
        await self.row(
            "tills", id=TILL, program_id=PROGRAM, store_id=STORES[0], name="T", key_hash=b"k", created_at=NOW
        )
        for n, campaign in enumerate(CAMPAIGNS):
            await create_campaign(
                self.conn, msgspec.structs.replace(CAMPAIGN, id=campaign, program_id=PROGRAM, created_at=NOW), 1
            )
            if n == 2:
                await self.conn.execute(
                    "UPDATE campaigns SET state = 'ended', withdrawn_at = $2, withdrawal_reason = '{}' WHERE id = $1",
                    *(campaign, NOW),
                )
        card = UUID(int=902)
        await self.row(
            "stamp_cards", id=card, program_id=PROGRAM, code="coffee", name="{}", source="visit", min_amount=0,
            stamps_needed=3, created_at=NOW,
        )  # fmt: skip

    async def add_member(self, survivor: MemberId | None) -> None:
        member = MemberId(new_id())
        self.members.append(member)
        is_active = survivor is None and self.luck.random() < 0.9
        await self.row(
            "members", member_id=member, program_id=PROGRAM,
            state="merged" if survivor else "active" if is_active else "blocked", merged_into=survivor,
            locale=self.luck.choice(["ja", "en"]), location_consent=self.luck.random() < 0.5,
            push_consent=self.luck.random() < 0.5, profiling_consent=self.luck.random() < 0.7,
            enrolled_store_id=self.maybe(self.luck.choice(STORES)), created_at=self.moment(500),
        )  # fmt: skip
        await self._add_profile(member)
        await self._add_reach(member)
        await self._add_books(member)

    async def _add_profile(self, member: MemberId) -> None:
        if self.luck.random() < 0.2:
            return
        month, day = self.luck.choice([(2, 29), (2, 28), (2, 27), (3, 1), (12, 31), (7, 7)])
        own = {
            "size": self.luck.choice([0, 3, 7.5]), "since": f"2026-01-0{self.luck.randint(1, 9)}",
            "vegan": self.luck.random() < 0.5, "likes": self.luck.choice([[], ["tea"], ["coffee"]]),
        }  # fmt: skip
        known = {key: value for key, value in own.items() if self.luck.random() < 0.7}
        has_day = self.luck.random() < 0.8
        await self.row(
            "profiles", member_id=member, program_id=PROGRAM, birth_month=month if has_day else None,
            birth_day=day if has_day else None,
            birth_year=self.maybe(2000 - 4 * self.luck.randint(0, 9)) if has_day else None,
            gender=self.maybe(self.luck.choice(["female", "male"])),
            city=self.maybe(self.luck.choice(["Kyoto", "Kobe"])),
            prefecture=self.maybe(self.luck.randint(1, 3)), attributes=msgspec.json.encode(known).decode(),
            updated_at=NOW, version=1,
        )  # fmt: skip

    async def _add_reach(self, member: MemberId) -> None:
        if self.luck.random() < 0.7:
            token = self.maybe("t")
            await self.row(
                "devices", member_id=member, id=new_id(), program_id=PROGRAM,
                platform=self.luck.choice(["ios", "android"]),
                locale="ja", token_hash=b"t", push_token=token, push_token_kind=token and "fid",
                push_token_state=token and self.luck.choice(["active", "dropped"]), created_at=NOW,
                revoked_at=self.maybe(NOW, 0.2),
            )  # fmt: skip
        for granted in self.luck.choices([True, False], k=self.luck.randint(0, 2)):
            await self.row(
                "consents",
                member_id=member,
                id=new_id(),
                purpose="email",
                granted=granted,
                text_version="1",
                source="app",
                at=NOW,
            )
        if self.luck.random() < 0.5:
            await self.row(
                "handles",
                program_id=PROGRAM,
                kind="email",
                value_hash=member.bytes,
                member_id=member,
                sealed_value=b"s",
                stands_at=NOW,
            )

    async def _add_books(self, member: MemberId) -> None:
        luck = self.luck
        days = {
            (luck.choice(STORES), (NOW - timedelta(days=luck.randint(0, 40))).date()) for _ in range(luck.randint(0, 6))
        }
        for store, day in sorted(days, key=str):
            await self.row(
                "visits", member_id=member, store_id=store, business_day=day, program_id=PROGRAM,
                first_at=datetime(day.year, day.month, day.day, 2, tzinfo=UTC) + timedelta(hours=luck.randint(0, 3)),
                undone_at=self.maybe(NOW, 0.15),
            )  # fmt: skip
        for _ in range(luck.randint(0, 3)):
            amount = luck.choice([0, 800, 1500])
            refunded = luck.choice([0, amount // 2, amount])
            is_whole = refunded == amount and (amount > 0 or luck.random() < 0.5)
            await self.row(
                "purchases", member_id=member, id=new_id(), program_id=PROGRAM, store_id=luck.choice(STORES),
                till_id=TILL, receipt="r", amount=amount, refunded=refunded, items="[]", purchased_at=self.moment(40),
                fully_refunded_at=NOW if is_whole else None,
            )  # fmt: skip
        for n in range(luck.randint(0, 3)):
            await self._add_coupon(member, luck.choice(CAMPAIGNS), str(n))
        if luck.random() < 0.6:
            await self.row("point_accounts", member_id=member, program_id=PROGRAM, balance=luck.randint(0, 100))
            await self.row(
                "member_ranks", member_id=member, program_id=PROGRAM, rank_code=luck.choice(["gold", "silver", None]),
                since=NOW, rules_version=1,
            )  # fmt: skip
        for n in range(stamped := luck.randint(0, 7)):
            await self.row(
                "stamps",
                member_id=member,
                stamp_card_id=UUID(int=902),
                source_key=str(n),
                at=NOW,
                revoked_at=self.maybe(NOW, 0.1),
            )
        for n in range(stamped // 4):
            await self.row(
                "stamp_completions",
                member_id=member,
                stamp_card_id=UUID(int=902),
                round=n + 1,
                completed_at=NOW,
                decision="card",
            )

    async def _add_coupon(self, member: MemberId, campaign: CampaignId, key: str) -> None:
        coupon, luck = new_id(), self.luck
        await self.row(
            "coupons", member_id=member, id=coupon, program_id=PROGRAM, campaign_id=campaign, period_key=key,
            event_at=NOW - timedelta(days=50), issued_at=NOW - timedelta(days=50),
            business_day=(NOW - timedelta(days=50)).date(),
            expires_at=NOW + timedelta(days=luck.choice([-5, 5])), uses=(uses := luck.choice([1, 1, 2])),
        )  # fmt: skip
        for number in luck.choice([[], [1], range(1, uses + 1)]):
            end: Mapping[str, Any] = luck.choice(
                [
                    {"till_id": TILL, "store_id": STORES[0], "redemption_id": coupon},
                    {"moved_to": coupon},
                    {"had_as": coupon},
                ]
            )
            await self.row(
                "redemptions", member_id=member, coupon_id=coupon, program_id=PROGRAM, campaign_id=campaign,
                redeemed_at=NOW, use_no=number, uses=uses, **end,
            )  # fmt: skip


async def write_books(conn: Connection) -> list[MemberId]:
    books = Books(conn)
    await books.lay_ground()
    for n in range(MEMBERS):
        await books.add_member(books.luck.choice(books.members[:50]) if n > 150 and books.luck.random() < 0.4 else None)
    await recount_facts(conn, books.members)
    return books.members


async def test_both_evaluators_give_the_same_answer(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute("SET session_replication_role = 'replica'")  # rank rules and the like need no parents here
        members = await write_books(conn)
        await conn.execute("ANALYZE")
        loop = asyncio.get_running_loop()
        seen: dict[bool | None, int] = {True: 0, False: 0, None: 0}

        async def compare(tree: t.Tree, zone: ZoneInfo, ago_h: int) -> None:
            moment = Moment(NOW - timedelta(hours=ago_h), zone)
            compiled = compile_tree(tree, PROGRAM, moment, DEFINITIONS)
            by_sql = await judge_members(conn, compiled, members)
            views = await read_views(conn, PROGRAM, members, needs_of([tree]), moment.as_of)
            in_python = {member: evaluate(tree, view, moment, DEFINITIONS) for member, view in views.items()}
            assert by_sql == in_python
            of_few = compile_tree(tree, PROGRAM, moment, DEFINITIONS, parts=4)
            assert by_sql == await judge_members(conn, of_few, members)
            count = await count_audience(conn, compiled)
            active = [by_sql[member] for member, view in views.items() if view.facts.is_active]
            assert (count.members, count.matching, count.unknown) == (
                len(active),
                active.count(True),
                active.count(None),
            )
            assert (count.unknown > 0) == bool(count.unknown_by)
            for verdict in by_sql.values():
                seen[verdict] += 1

        def run_examples() -> None:
            @settings(max_examples=80, suppress_health_check=list(HealthCheck))
            @given(some_tree(), st.sampled_from([TOKYO, ZoneInfo("America/Los_Angeles")]), st.sampled_from([0, 9, 20]))
            def check(tree: t.Tree, zone: ZoneInfo, ago_h: int) -> None:
                asyncio.run_coroutine_threadsafe(compare(tree, zone, ago_h), loop).result()

            check()

        await asyncio.to_thread(run_examples)
        assert min(seen.values()) > 100  # every answer was compared


async def test_the_sample_and_the_stream_are_members_of_it(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute("SET session_replication_role = 'replica'")
        members = await write_books(conn)
        compiled = compile_tree(t.VisitCount(at_least=1), PROGRAM, Moment(NOW, TOKYO), DEFINITIONS)
        matching = sorted(m for m, verdict in (await judge_members(conn, compiled, members)).items() if verdict)
        count = await count_audience(conn, compiled, 5)
        assert len(count.sample) == 5
        assert set(count.sample) <= set(matching)


async def test_a_count_that_takes_longer_than_foreseen_is_given_up(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audiences.counting_repository._TIME_MS", 20)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL session_replication_role = 'replica'")
        members = await write_books(conn)
        compiled = compile_tree(t.VisitCount(at_least=1), PROGRAM, Moment(NOW, TOKYO), DEFINITIONS)
        slow = msgspec.structs.replace(compiled, condition=f"({compiled.condition} OR pg_sleep(0.3) IS NULL)")
        assert await count_in_time(conn, slow, 5) is None
        assert (await foresee(conn, compiled)).cost > 0
        assert 0 < await count_judged(conn, compiled) <= len(members)


def test_references_are_kept_by_neither() -> None:
    leaf = t.InAudience(audience_id=AudienceId(UUID(int=1)), version=1)
    with pytest.raises(KeyError):
        compile_tree(leaf, PROGRAM, Moment(NOW, TOKYO), DEFINITIONS)
