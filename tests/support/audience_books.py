"""Members with all that an audience can ask of, written at random."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from audiences.facts_repository import recount_facts
from audiences.postal_places import read_postal_places
from audiences.postal_places_repository import replace_postal_places
from coupons.campaigns.campaigns_repository import create_campaign
from ids import CampaignId, MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_id
from outbox.kinds import PHONE_IDLE_AFTER
from purchases.purchase import Item
from tests.support.audience_trees import CAMPAIGNS, STORES
from tests.support.campaigns import CAMPAIGN

SEED, MEMBERS = 20261127, 200
TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2027, 2, 27, 3, tzinfo=UTC)
PROGRAM = ProgramId(UUID(int=900))
TILL = UUID(int=901)


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
        # Calls are not set up: nobody is reached by them.
        await self.row(
            "mail_settings", program_id=PROGRAM, sender_name="K", postal_address="T", contact="k@example.com",
            is_double_opt_in=False, paced_until=NOW,
        )  # fmt: skip
        await self.row(
            "line_channels", program_id=PROGRAM, channel_id="1", sealed_credentials=b"s", changed_at=NOW,
            next_check_at=NOW,
        )  # fmt: skip
        await self.row(
            "phone_accounts", program_id=PROGRAM, sms_route="direct", direct_url="https://sms.example.com",
            direct_sender="K", sealed_credentials=b"s", currency="JPY", segment_price=9, call_price=20, day_cap=1000,
            calls_from=time(9), calls_until=time(20), changed_at=NOW,
        )  # fmt: skip
        places = b"postal_code,lat,lon\n160-0022,35.69,139.7\n2200011,35.46,139.62\n"
        await replace_postal_places(self.conn, read_postal_places(places))
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
            push_consent=self.luck.random() < 0.5, email_consent=self.luck.random() < 0.6,
            sms_consent=self.luck.random() < 0.6, voice_consent=self.luck.random() < 0.6,
            profiling_consent=self.luck.random() < 0.7,
            enrolled_store_id=self.maybe(self.luck.choice(STORES)), created_at=self.moment(500),
        )  # fmt: skip
        await self._add_profile(member)
        await self._add_reach(member)
        for tag in self.luck.choice([[], ["monitor"], ["press", "other"]]) if survivor is None else ():
            await self.row("member_tags", member_id=member, program_id=PROGRAM, tag=tag, set_by="staff", tagged_at=NOW)
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
            postal_code=self.maybe(self.luck.choice(["1600022", "2200011", "9999999"])),
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
                last_seen_at=NOW - self.luck.choice([0, 1, 1, 2]) * PHONE_IDLE_AFTER,
                revoked_at=self.maybe(NOW, 0.2),
            )  # fmt: skip
        for kind in ("email", "phone"):
            if self.luck.random() < 0.6:
                await self.row(
                    "handles", program_id=PROGRAM, kind=kind, value_hash=member.bytes, member_id=member,
                    sealed_value=b"s", stands_at=NOW,
                )  # fmt: skip
        if self.luck.random() < 0.3:
            await self.row(
                "email_suppressions", member_id=member, value_hash=member.bytes, program_id=PROGRAM, reason="bounced",
                at=NOW,
            )  # fmt: skip
        if self.luck.random() < 0.6:
            await self.row(
                "line_links", member_id=member, program_id=PROGRAM, user_hash=member.bytes * 2, sealed_user_id=b"s",
                linked_at=NOW, stands_at=NOW, friendship_at=NOW, blocked_at=self.maybe(NOW, 0.3),
            )  # fmt: skip

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
                till_id=TILL, receipt="r", amount=amount, refunded=refunded, items=self.items(),
                refunded_untold=luck.choice([0, refunded]), purchased_at=self.moment(40),
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

    def items(self) -> str:
        """The lines of a bill, in the ways in which tills tell them."""
        luck, items = self.luck, []
        for _ in range(luck.choice([0, 1, 2, 3])):
            quantity, amount = luck.choice([1, 2, 0.3]), luck.choice([0, 300, 500])
            back = luck.choice([0, 0, quantity, quantity / 2])
            items.append(
                Item(
                    name="n",
                    quantity=quantity,
                    amount=amount,
                    code=luck.choice([None, "tea", "cake", "pie"]),
                    category=luck.choice([None, "drinks", "sweets", "food"]),
                    returned_quantity=back,
                    returned_amount=amount if back == quantity else amount // 2 if back else 0,
                )
            )
        if luck.random() < 0.2:
            items.append(Item("a discount", 1, -100))
        return msgspec.json.encode(items).decode()

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
                    {"void_id": coupon},
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
