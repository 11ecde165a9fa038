"""A new member comes with card, device and presence, or not at all."""

from collections.abc import Iterator

import msgspec
import pytest

from cards import numbers
from cards.numbers import parse_number
from kit.batching import run_split
from kit.database import in_transaction
from kit.ids import digest
from members.devices_repository import authenticate_device
from server.accounts.enrol import EnrolCommand, EnrolmentResult, enrol
from server.problems import Problem
from server.web.idempotency import Answer, make_idempotency_key, write_once
from server.web.tokens import DeviceToken, read_bearer
from tests.support.shop import NOON, Shop, consent, fix, read_shopper

TABLES = ("members", "cards", "devices", "presences", "handles", "consents")


def joins(shop: Shop, **changes: object) -> EnrolCommand:
    command = EnrolCommand(
        program_code=shop.program.code,
        platform="ios",
        locale=None,
        consents=[consent("location", True)],
        idempotency_key=None,
        now=NOON,
    )
    return msgspec.structs.replace(command, **changes)


async def carry_out(shop: Shop, *commands: EnrolCommand) -> list[Answer | Exception]:
    """As the server does: with the Idempotency-Key's records, and split where the list fails."""

    async def run(some: list[EnrolCommand]) -> list[Answer | Exception]:
        return await in_transaction(
            shop.pool,
            lambda conn: write_once(conn, shop.keyring, some, lambda c, fresh: enrol(c, shop.keyring, fresh)),
        )

    return await run_split(run, list(commands))  # type: ignore[arg-type]


async def counts(shop: Shop) -> list[int]:
    return [await shop.count(table) for table in TABLES]


async def test_a_member_a_card_a_device_and_a_presence_at_once(shop: Shop) -> None:
    (answer,) = await carry_out(shop, joins(shop))
    assert isinstance(answer, Answer)
    enrolled = msgspec.json.decode(answer.body, type=EnrolmentResult)
    assert await counts(shop) == [1, 1, 1, 1, 1, 1]
    assert parse_number(enrolled.card.number) == enrolled.card.number
    (presence,) = await shop.rows("presences", "device_id")
    assert (presence["member_id"], presence["device_id"]) == (enrolled.member_id, enrolled.device_id)
    (device,) = await shop.rows("devices")
    assert device["locale"] == "ja"  # the program's, as none was asked for
    token = read_bearer(f"Bearer {enrolled.device_token}")
    assert isinstance(token, DeviceToken)
    async with shop.pool.acquire() as conn:
        assert await authenticate_device(conn, token.member_id, token.device_id, token.secret, NOON) is not None


async def test_no_program_of_that_code_leaves_nothing_and_hinders_nobody(shop: Shop) -> None:
    answers = await carry_out(shop, joins(shop), joins(shop, program_code="nobodys"), joins(shop))
    assert [type(answer) for answer in answers] == [Answer, Problem, Answer]
    assert await counts(shop) == [2, 2, 2, 2, 2, 2]
    assert [type(answer) for answer in await carry_out(shop, joins(shop, program_code="nobodys"))] == [Problem]


async def test_whatever_fails_nobody_is_left_with_a_part(shop: Shop) -> None:
    await shop.pool.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF (SELECT locale FROM members WHERE member_id = new.member_id) = 'en' THEN RAISE 'no'; END IF;"
        " RETURN new; END $$"
    )
    await shop.pool.execute("CREATE TRIGGER refuse BEFORE INSERT ON cards FOR EACH ROW EXECUTE FUNCTION refuse()")
    answers = await carry_out(shop, *(joins(shop, locale=locale) for locale in ("ja", "en", "ja", "ja", "en")))
    assert [isinstance(answer, Answer) for answer in answers] == [True, False, True, True, False]
    assert await counts(shop) == [3, 3, 3, 3, 3, 3]


async def test_a_number_that_is_taken_is_drawn_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn() -> Iterator[str]:
        for ending in (0, 0, 1, 1, 0, 2, 3):
            body = f"29{ending:010}"
            yield body + numbers.check_digit(body)

    source = drawn()
    monkeypatch.setattr(numbers, "new_number", lambda: next(source))
    await carry_out(shop, joins(shop))
    # Of 0, 1 and 1 only one is free and drawn first; of 0 and 2 one; then comes 3.
    answers = await carry_out(shop, joins(shop), joins(shop), joins(shop))
    assert [int(read_shopper(answer).number[2:-1]) for answer in answers] in (
        [2, 1, 3],
        [3, 1, 2],
        [2, 3, 1],
        [3, 2, 1],
    )
    assert next(source, None) is None
    assert await counts(shop) == [4, 4, 4, 4, 4, 4]
    assert len({row["number"] for row in await shop.rows("cards")}) == 4


async def test_a_repeated_request_gets_the_same_token_and_no_second_member(shop: Shop) -> None:
    idempotency_key = make_idempotency_key("anyone:kissa", "key-1", "POST", "/v1/members", b"{}")
    first, second = [(await carry_out(shop, joins(shop, idempotency_key=idempotency_key)))[0] for _ in range(2)]
    assert first == second
    assert isinstance(first, Answer)
    assert await shop.count("members") == 1
    other = make_idempotency_key("anyone:kissa", "key-1", "POST", "/v1/members", b'{"other": 1}')
    (reused,) = await carry_out(shop, joins(shop, idempotency_key=other))
    assert isinstance(reused, Problem)
    assert reused.slug == "idempotency-key-reused"
    assert await shop.count("members") == 1


async def test_the_database_holds_neither_the_token_nor_the_key(shop: Shop) -> None:
    idempotency_key = make_idempotency_key("anyone:kissa", "a-key-that-is-easy-to-find", "POST", "/v1/members", b"{}")
    (answer,) = await carry_out(shop, joins(shop, idempotency_key=idempotency_key))
    shopper = read_shopper(answer)
    token = read_bearer(f"Bearer {shopper.token}")
    assert isinstance(token, DeviceToken)
    held = [bytes(value) if isinstance(value, bytes) else str(value).encode() for value in await everything(shop)]
    assert digest(token.secret) in held
    wanted = (shopper.token.encode(), token.secret, token.secret.hex().encode(), b"a-key-that-is-easy-to-find")
    assert not [value for value in held for secret in wanted if secret in value]


async def everything(shop: Shop) -> list[object]:
    tables = await shop.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [row for table in tables for row in await shop.pool.fetch(f"SELECT * FROM {table['tablename']}")]
    return [value for row in rows for value in row.values()]


async def test_many_join_at_once(shop: Shop) -> None:
    shoppers = await shop.enrol(200)
    assert len({shopper.number for shopper in shoppers}) == 200
    assert (await shop.locate(shoppers[137].sends(fix(NOON))))[0].accepted == 1
