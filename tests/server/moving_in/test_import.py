"""A chain's file becomes members: as it says, once, and as far as it can be read."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from audiences.facts_repository import find_differing_facts
from imports.runs_repository import MAX_LISTED
from kit.database import Connection, in_transaction
from members import members_repository, profiles_repository, tags_repository
from members.attribute_values import Birthday
from members.consent import Consent
from members.contacts import Contact, unseal_contact
from members.handles import hash_handle
from members.profile import KeptProfile, Profile
from points import postings_repository
from points.ledger import Memo
from points.postings_repository import find_mismatches
from points.rules import NEVER
from server.rewards.ranks import read_current_rank
from tests.support.moving import counts, move_in, set_rules
from tests.support.shop import NOON, Shop

HEAD = (
    "会員番号,カード番号,氏名,生年月日,電話番号,メール,ポイント残高,有効期限,ランク,入会日,"
    "最終来店日,来店回数,メルマガ,同意日\n"
)
HANA = (
    'K1,20000001,佐藤　花子,平成2年4月1日,9012345678,hana@example.com,"1,200",2027/3/31,ゴールド,2020/1/15,'
    "2026/4/1,31,希望する,2020/1/15\n"
)
TARO = "K2,20000002,鈴木　太郎,1985/12/24,08011112222,,300,,,,,,,\n"


async def member_of(shop: Shop, number: str) -> Any:
    value_hash = hash_handle(shop.keyring, "own_number", number)
    return await shop.pool.fetchval("SELECT member_id FROM handles WHERE value_hash = $1", value_hash)


async def test_members_move_in_with_all_that_is_said_of_them(shop: Shop) -> None:
    await set_rules(shop)
    run, faults = await move_in(shop, HEAD + HANA + TARO)
    assert (run.state, counts(run), faults) == ("done", (2, 0, 0, 0), [])
    assert run.reading is not None
    assert (run.reading.encoding, run.reading.columns["生年月日"]) == ("Shift_JIS", "birthday")
    hana = await member_of(shop, "K1")
    async with shop.pool.acquire() as conn:
        kept = await profiles_repository.find_profile(conn, hana)
        member = await members_repository.find_member(conn, hana)
        consents = await members_repository.list_current_consents(conn, hana)
        rank = await read_current_rank(conn, shop.program.id, hana, NOON)
        balance = await postings_repository.read_balance(conn, hana, NOON)
        assert await find_mismatches(conn) == []
    assert kept is not None
    assert (kept.profile.name, kept.profile.birthday) == ("佐藤 花子", Birthday(4, 1, 1990))
    assert member is not None
    assert (member.created_at, member.verified_at) == (datetime(2020, 1, 15, 3, tzinfo=UTC), None)
    assert [(each.purpose, each.granted, each.source) for each in consents] == [("email", True, "import")]
    assert consents[0].at == datetime(2020, 1, 15, 3, tzinfo=UTC)
    assert rank is not None
    assert rank.code == "gold"
    assert (balance.balance, balance.expires_at) == (1200, datetime(2027, 3, 31, 15, tzinfo=UTC))
    (row,) = await shop.pool.fetch("SELECT * FROM imported_members WHERE member_id = $1", hana)
    assert (row["visits"], row["last_visit_on"], row["line"], row["claimed_at"]) == (31, date(2026, 4, 1), 2, None)
    (facts,) = await shop.pool.fetch("SELECT * FROM member_facts WHERE member_id = $1", hana)
    assert (facts["visits"], facts["last_visit_on"], facts["points"]) == (31, date(2026, 4, 1), 1200)
    assert (facts["rank_code"], facts["joined_at"]) == ("gold", member.created_at)
    async with shop.pool.acquire() as conn:  # what was told of them is what the books are counted to
        assert await find_differing_facts(conn, [hana, await member_of(shop, "K2")]) == []
    contacts = await shop.pool.fetch("SELECT * FROM imported_contacts WHERE member_id = $1 ORDER BY kind", hana)
    values = [
        unseal_contact(shop.keyring, shop.program.id, Contact(row["kind"], row["value_hash"], row["sealed_value"]))
        for row in contacts
    ]
    assert values == ["hana@example.com", "+819012345678"]
    assert await shop.pool.fetchval("SELECT count(*) FROM handles WHERE kind IN ('phone', 'email')") == 0
    assert await shop.pool.fetchval("SELECT count(*) FROM devices") == 0


async def test_the_same_file_again_changes_nothing_and_a_newer_one_only_what_is_as_it_left_it(shop: Shop) -> None:
    await set_rules(shop)
    await move_in(shop, HEAD + HANA + TARO)
    before = [await shop.rows(table, "member_id") for table in ("profiles", "members", "point_accounts", "point_lots")]
    run, _ = await move_in(shop, HEAD + HANA + TARO, now=NOON + timedelta(days=1))
    assert counts(run) == (0, 0, 2, 0)
    assert before == [
        await shop.rows(table, "member_id") for table in ("profiles", "members", "point_accounts", "point_lots")
    ]
    hana, taro = await member_of(shop, "K1"), await member_of(shop, "K2")
    await in_transaction(shop.pool, lambda conn: _live_on(conn, shop, hana))
    newer = HEAD + HANA.replace("花子", "はな").replace('"1,200"', "5000").replace(",31,", ",40,")
    newer = newer.replace("平成2年4月1日", "1991/4/1").replace("希望する,2020/1/15", "希望する,2026/4/30")
    newer += TARO.replace("太郎", "太朗").replace(",300,", ",900,") + "K3,,高橋 蓮,,,,,,,,,,,\n"
    run, faults = await move_in(shop, newer, now=NOON + timedelta(days=2))
    assert (counts(run), [fault.reason for fault in faults if fault.is_refused]) == ((1, 2, 0, 0), [])
    assert [(fault.line, fault.is_refused) for fault in faults] == [(2, False)]  # her points are told of
    async with shop.pool.acquire() as conn:
        profiles = await profiles_repository.list_profiles(conn, [hana, taro])
        consents = await members_repository.list_current_consents(conn, hana)
        points = [(await postings_repository.read_balance(conn, each, NOON)).balance for each in (hana, taro)]
        assert await find_mismatches(conn) == []
    assert profiles[hana].profile.name == "佐藤 ハナ"  # as she wrote it herself since
    assert profiles[hana].profile.birthday == Birthday(4, 1, 1991)  # as the file had it, and has it now
    assert profiles[taro].profile.name == "鈴木 太朗"
    assert points == [1205, 900]
    assert [(each.source, each.granted) for each in consents] == [("app", False)]  # younger than the file's
    assert await shop.pool.fetchval("SELECT visits FROM imported_members WHERE member_id = $1", hana) == 40


async def _live_on(conn: Connection, shop: Shop, member_id: Any) -> None:
    """She changes her name, withdraws a consent and earns points."""
    held = (await profiles_repository.lock_profiles(conn, [member_id]))[member_id]
    profile = Profile(name="佐藤 ハナ", birthday=held.profile.birthday)
    await profiles_repository.upsert_profiles(
        conn,
        [KeptProfile(member_id=member_id, program_id=shop.program.id, profile=profile, updated_at=NOON, version=2)],
    )
    withdrawn = Consent(purpose="email", granted=False, text_version="1", source="app", at=NOON)
    await members_repository.record_consents(conn, member_id, [withdrawn])
    accounts = await postings_repository.open_accounts(conn, {member_id: shop.program.id})
    accounts[member_id].earn(5, NEVER, Memo(cause="visit", source_key="visit:1", at=NOON))
    await postings_repository.write_accounts(conn, accounts)


async def test_a_newer_file_changes_the_tags_that_files_have_set_and_no_others(shop: Shop) -> None:
    head = "会員番号,氏名,タグ\n"
    run, faults = await move_in(shop, head + 'K1,佐藤,"\uff36IP、常連"\nK2,鈴木,\nK3,田中,' + "長" * 41 + "\n")
    assert counts(run) == (3, 0, 0, 0)
    assert run.reading is not None
    assert run.reading.columns["タグ"] == "tags"
    assert ["タグ (tags)" in each.reason for each in faults] == [True]
    first, second = await member_of(shop, "K1"), await member_of(shop, "K2")

    async def tags() -> list[tuple[str, str]]:
        rows = await shop.rows("member_tags", "tag")
        return [(row["tag"], row["set_by"]) for row in rows if row["member_id"] == first]

    async def tag(*added: str, without: str = "") -> None:
        async def work(conn: Connection) -> None:
            await tags_repository.add_tags(conn, shop.program.id, [first, second], added, NOON)
            await tags_repository.remove_tags(conn, [first], [without])

        await in_transaction(shop.pool, work)

    assert await tags() == [("VIP", "import"), ("常連", "import")]
    assert counts((await move_in(shop, head + 'K1,佐藤,"\uff36IP、常連"\n'))[0]) == (0, 0, 1, 0)
    await tag("常連", "monitor")  # what the staff put on too is theirs
    await move_in(shop, head + "K1,佐藤 花子,VIP|new\n")
    assert await tags() == [("VIP", "import"), ("monitor", "staff"), ("new", "import"), ("常連", "staff")]
    await tag("常連", without="VIP")  # what the staff have taken off does not come back with each file
    await move_in(shop, head + "K1,佐藤 はな,VIP|monitor\n")
    assert await tags() == [("monitor", "staff"), ("常連", "staff")]
    silent = '{"number": "K1", "name": "佐藤"}\n{"number": "K2", "tags": ["new", "newer"]}\n'.encode()
    await move_in(shop, silent)
    assert await shop.count("member_tags") == 2 + 2 + 2
    await move_in(shop, b'{"number": "K2", "tags": []}\n')
    assert await shop.count("member_tags") == 2 + 2
    await tag(*(f"of the staff {number}" for number in range(48)))
    _, (told,) = await move_in(shop, b'{"number": "K1", "tags": ["one too many"]}\n')
    assert (told.is_refused, "more than 50" in told.reason) == (False, True)
    assert len(await tags()) == 50


async def test_what_tills_write_for_never_and_for_nothing_ends_no_import(shop: Shop) -> None:
    """9999-12-31 has no day after it, and a number of thousands of digits is none to Python."""
    await set_rules(shop)
    run, faults = await move_in(
        shop,
        "会員番号,ポイント残高,ポイント有効期限,ランク,ランク有効期限,入会日\n"
        "A-1,10,9999/12/31,gold,9999/12/31,0001/01/01\n"
        f"A-2,{'1' * 5000},,,,\n",
    )
    assert (run.state, run.created, run.refused) == ("done", 1, 1)
    assert [(fault.line, fault.reason.partition(" ")[0]) for fault in faults] == [(2, "入会日"), (3, "ポイント残高")]
    assert [row["expires_at"] for row in await shop.rows("point_lots", "expires_at")] == [NEVER]
    assert [row["valid_until"] for row in await shop.rows("member_ranks", "member_id")] == [NEVER]


async def test_what_is_wrong_is_told_and_nobody_is_merged(shop: Shop) -> None:
    await set_rules(shop)
    await move_in(shop, "会員番号,カード番号\nOLD,20000009\n")
    table = (
        "会員番号,カード番号,電話番号,ポイント\n"
        "A,20000001,9012345678,10\n"  # 2
        "B,,9012345678,20\n"  # 3: one phone, two members
        "A,,,30\n"  # 4: the number once more
        "C,20000001,,40\n"  # 5: A's card
        "D,20000009,,50\n"  # 6: a card of somebody who is here
        "E,,,-5\n"  # 7
        "F,,312345678,60\n"  # 8: a landline
        ",20000009,,70\n"  # 9: OLD by the card alone
    )
    dry, told = await move_in(shop, table, is_dry_run=True)
    assert counts(dry) == (3, 1, 0, 4)
    assert await shop.count("members") == 1
    run, faults = await move_in(shop, table)
    assert (counts(run), faults) == (counts(dry), told)
    assert [(fault.line, fault.is_refused) for fault in faults] == [
        (3, False),
        (4, True),
        (5, True),
        (6, True),
        (7, True),
        (8, False),
    ]
    assert "line 2" in faults[0].reason
    assert await shop.count("members") == 4
    assert await shop.count("import_sightings") == 0
    balances = await shop.pool.fetch("SELECT balance FROM point_accounts ORDER BY balance")
    assert [row["balance"] for row in balances] == [10, 20, 60, 70]


async def test_a_card_that_the_program_cannot_take_and_a_broken_file_leave_nothing(shop: Shop) -> None:
    for body, told in (
        (b"number,points\nA,10\n", "rules of points"),
        (b"number,stamps\nA,10\n", "one stamp card"),
        ("会員番号,氏名\nA,花子".encode()[:-1], "cut off in the middle of a character, in line 2"),
        (b"name\nA\n", "会員番号"),
        (b'number,name\nA,x\nB,"' + b"x\n" * 100_000, "line 3"),
    ):
        run, _ = await move_in(shop, body)
        assert run.state == "refused"
        assert told in str(run.refusal)
    assert await shop.count("members") == 0


async def test_of_many_bad_rows_some_are_listed_and_all_are_counted(shop: Shop) -> None:
    run, faults = await move_in(shop, "number,card_number\n" + "A,x\n" * (MAX_LISTED + 200))
    assert (run.state, run.refused, len(faults)) == ("done", MAX_LISTED + 200, MAX_LISTED)
    assert await shop.count("members") == 0
