"""The rotating code online: good once, dead with its key, and the TOTP code beside it."""

import asyncio
from base64 import b32decode
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from cards import certificates, rotating_codes
from cards.certificates import LIFE, Certificate
from cards.rotating_codes import STEP_S, step_of
from cards.totp import totp_digits
from devtools.card.phone import ReferencePhone
from kit.batching import run_split
from kit.database import Pool, in_transaction
from kit.ids import made_at
from programs.tills_repository import Till
from server.credentials.issue_totp_pass import IssuedTotpPass, issue_totp_pass
from server.credentials.revoke_codes import revoke_codes
from server.credentials.sign_cards import add_signing_key, revoke_signing_key
from server.problems import Problem
from server.web.idempotency import Answer
from tests.server.check_ins.test_scan import a_till, carry_out, presents
from tests.support.answers import expect_answers
from tests.support.shop import NOON, Shop, Shopper, open_shop
from visits.trust import SeenBefore
from visits.visit import Visit
from visits.visits_repository import find_seen_before


def reasons(*answers: Answer | Exception) -> list[str]:
    """`good`, or why not."""
    found = []
    for answer in answers:
        assert isinstance(answer, Answer | Problem), answer
        found.append("good" if isinstance(answer, Answer) else str(answer.extra.get("reason", answer.slug)))
    return found


async def scan_one(shop: Shop, till: Till, text: str, now: datetime = NOON) -> str:
    return reasons(*await carry_out(shop, presents(till, text, now)))[0]


async def give_pass(shop: Shop, shopper: Shopper) -> IssuedTotpPass:
    return await in_transaction(
        shop.pool,
        lambda conn: issue_totp_pass(conn, shop.keyring, shopper.member_id, shop.program.id, "app", NOON),
    )


def totp_code(totp_pass: IssuedTotpPass, now: datetime = NOON) -> str:
    return totp_pass.prefix + totp_digits(b32decode(totp_pass.secret), step_of(now))


async def test_a_code_counts_once_and_the_next_one_again(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    other = await a_till(shop, 1)
    code = phone.make_code(NOON)
    assert await scan_one(shop, till, code) == "good"
    assert await scan_one(shop, till, code) == "replayed"
    assert await scan_one(shop, other, code, NOON + timedelta(seconds=20)) == "replayed"
    later = NOON + timedelta(seconds=STEP_S)
    assert await scan_one(shop, other, phone.make_code(later), later) == "good"
    uses = [(row["till_id"], row["is_counted"]) for row in await shop.rows("code_uses", "step, is_counted DESC")]
    # The same till twice is a slip; another one was shown a copy, and that is kept.
    assert uses == [(till.id, True), (other.id, False), (other.id, True)]
    assert await shop.count("visits") == 2


async def test_of_one_batch_the_first_counts(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    tills, phone = [till for till, _ in await shop.install_tills(3)], await shop.put_card_on(shopper)
    code = phone.make_code(NOON)
    answers = await carry_out(shop, *(presents(till, code) for till in tills))
    assert reasons(*answers) == ["good", "replayed", "replayed"]
    assert await shop.count("visit_evidence") == 1


async def test_two_tills_in_the_same_second_on_two_connections(shop: Shop) -> None:
    shoppers = await shop.enrol(10)
    tills = [till for till, _ in await shop.install_tills(4)]
    codes = [(await shop.put_card_on(shopper)).make_code(NOON) for shopper in shoppers]
    told = await asyncio.gather(*(scan_one(shop, till, code) for code in codes for till in tills))
    for start in range(0, len(told), len(tills)):
        assert sorted(told[start : start + len(tills)]) == ["good", "replayed", "replayed", "replayed"]
    assert await shop.count("visit_evidence") == len(shoppers)
    assert await shop.pool.fetchval("SELECT count(*) FROM code_uses WHERE NOT is_counted") == 30


async def test_batches_of_the_same_codes_at_once(shop: Shop) -> None:
    """All find nothing written and insert outright: whose batch is later, that one is run again."""
    tills = [till for till, _ in await shop.install_tills(3)]
    codes = [(await shop.put_card_on(shopper)).make_code(NOON) for shopper in await shop.enrol(5)]
    batches = [[presents(till, code) for code in codes] for till in tills]
    told = await asyncio.gather(*(run_split(lambda some: carry_out(shop, *some), batch) for batch in batches))
    for answers in zip(*(reasons(*batch) for batch in told), strict=True):
        assert sorted(answers) == ["good", "replayed", "replayed"]
    assert await shop.count("visits") == await shop.count("visit_evidence") == len(codes)


async def test_what_is_there_without_evidence_fails_no_batch(shop: Shop) -> None:
    till = await a_till(shop)
    used, other = [(await shop.put_card_on(shopper)).make_code(NOON) for shopper in await shop.enrol(2)]
    assert await scan_one(shop, till, used) == "good"
    await shop.pool.execute("DELETE FROM visit_evidence")
    commands = [presents(till, used), presents(till, other)]
    with pytest.raises(asyncpg.UniqueViolationError):
        await carry_out(shop, *commands)
    told = await run_split(lambda batch: carry_out(shop, *batch), commands)
    assert reasons(*told) == ["replayed", "good"]
    assert await shop.count("visits") == 2


async def test_what_a_member_was_seen_by(shop: Shop) -> None:
    """A number tells of no other store, and yet it is the latest there is of them."""
    (shopper,) = await shop.enrol()
    (told,) = expect_answers(await carry_out(shop, presents(await a_till(shop), shopper.number)))
    visits = [
        Visit(
            member_id=shopper.member_id,
            store_id=store.id,
            business_day=NOON.date(),
            program_id=shop.program.id,
            first_at=NOON,
        )
        for store in shop.stores[:2]
    ]
    recorded_at = made_at(UUID(told["scan_id"]))
    for recent_since, is_recent in ((recorded_at, True), (recorded_at + timedelta(milliseconds=1), False)):
        async with shop.pool.acquire() as conn:
            found = await find_seen_before(conn, visits, [recorded_at] * 2, [recent_since] * 2)
        assert found == [SeenBefore([], is_recent=is_recent)] * 2


async def test_clocks(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    for off_steps, expected in ((-2, "old"), (2, "early"), (-1, "good"), (1, "good"), (0, "good")):
        code = phone.make_code(NOON + timedelta(seconds=off_steps * STEP_S))
        (answer,) = await carry_out(shop, presents(till, code))
        assert reasons(answer) == [expected], off_steps
        if isinstance(answer, Problem):
            assert answer.extra["off_by_s"] == off_steps * STEP_S


async def test_a_certificate_ends_and_is_renewed(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    late = NOON + LIFE
    assert await scan_one(shop, till, phone.make_code(late), late) == "expired"
    former = phone.certificate
    phone_again = await _register_again(shop, shopper, phone, late)
    assert phone_again.certificate != former
    assert await scan_one(shop, till, phone_again.make_code(late), late) == "good"
    assert await shop.count("card_keys") == 1


async def test_only_a_certificate_that_was_not_noted_is_verified(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest is known by its hash; one bit of it, or the one before it, leads to the signature."""
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    former = phone.certificate
    await _register_again(shop, shopper, phone, NOON + timedelta(days=1))
    renewed, verified = phone.certificate, list[bytes]()

    def is_signed_by(certificate: Certificate, key: bytes) -> bool:
        verified.append(certificate.to_bytes())
        return certificates.is_signed_by(certificate, key)

    monkeypatch.setattr(rotating_codes, "is_signed_by", is_signed_by)
    longer = bytearray(renewed)
    longer[20] ^= 1  # its last day
    told = []
    for step, certificate in enumerate((renewed, former, bytes(longer), renewed[:-1] + bytes([renewed[-1] ^ 1]))):
        phone.certificate = certificate
        at = NOON + timedelta(seconds=step * STEP_S)
        told.append(await scan_one(shop, till, phone.make_code(at), at))
    assert told == ["good", "good", "forged", "forged"]
    assert renewed not in verified
    assert len(verified) == 3


async def test_a_new_phone_ends_the_former_one_at_once(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    (second,) = await shop.add_devices(shopper, 1)
    till, former = await a_till(shop), await shop.put_card_on(shopper)
    newer = await shop.put_card_on(second)
    assert await scan_one(shop, till, former.make_code(NOON)) == "revoked"
    assert await scan_one(shop, till, newer.make_code(NOON)) == "good"
    rows = await shop.rows("card_keys", "registered_at, revoked_at NULLS LAST")
    assert [row["revocation_cause"] for row in rows] == ["replaced", None]


async def test_two_phones_that_register_at_once_leave_one_live_key(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    devices = [shopper, *await shop.add_devices(shopper, 7)]
    phones = await asyncio.gather(*(shop.put_card_on(device) for device in devices))
    till = await a_till(shop)
    told = [await scan_one(shop, till, phone.make_code(NOON)) for phone in phones]
    assert sorted(told) == ["good"] + ["revoked"] * 7
    sequences = await shop.pool.fetch("SELECT revocation_sequence FROM card_keys WHERE revoked_at IS NOT NULL")
    assert sorted(row[0] for row in sequences) == list(range(1, 8))


async def test_a_lost_phone_is_dead_at_once_and_the_number_lives(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone, totp_pass = await a_till(shop), await shop.put_card_on(shopper), await give_pass(shop, shopper)
    await in_transaction(shop.pool, lambda conn: revoke_codes(conn, shopper.member_id, "lost", NOON))
    assert await scan_one(shop, till, phone.make_code(NOON)) == "revoked"
    behind = NOON - timedelta(seconds=5)  # the clock of another process
    assert await scan_one(shop, till, phone.make_code(behind), behind) == "revoked"
    assert await scan_one(shop, till, totp_code(totp_pass)) == "card-unknown"
    assert await scan_one(shop, till, shopper.number) == "good"
    with pytest.raises(Problem, match="card-key-unusable"):
        await _register_again(shop, shopper, phone, NOON)


async def test_signing_keys_follow_one_another(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    await in_transaction(shop.pool, lambda conn: add_signing_key(conn, shop.keyring, shop.program.id, NOON))
    later = NOON + timedelta(days=2)
    renewed = await _register_again(shop, shopper, ReferencePhone(shopper.member_id, shopper.device_id), later)
    assert renewed.certificate[1:3] != phone.certificate[1:3]
    assert await scan_one(shop, till, renewed.make_code(later), later) == "good"
    await in_transaction(
        shop.pool,
        lambda conn: revoke_signing_key(conn, shop.keyring, shop.program.id, renewed.certificate[1:3], later),
    )
    moment = later + timedelta(seconds=60)
    assert await scan_one(shop, till, renewed.make_code(moment), moment) == "revoked"


async def test_the_only_signing_key_revoked_is_followed_by_another(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    await in_transaction(
        shop.pool, lambda conn: revoke_signing_key(conn, shop.keyring, shop.program.id, phone.certificate[1:3], NOON)
    )
    assert await scan_one(shop, till, phone.make_code(NOON)) == "revoked"
    assert await scan_one(shop, till, (await _register_again(shop, shopper, phone, NOON)).make_code(NOON)) == "good"


async def test_a_totp_code_counts_once_and_with_one_step_of_skew(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, totp_pass = await a_till(shop), await give_pass(shop, shopper)
    for off_steps, expected in ((-2, "old"), (2, "old"), (-1, "good"), (1, "good"), (0, "good"), (0, "replayed")):
        code = totp_code(totp_pass, NOON + timedelta(seconds=off_steps * STEP_S))
        assert await scan_one(shop, till, code) == expected, off_steps
    assert [row["kind"] for row in await shop.rows("visit_evidence")] == ["totp_code"] * 3
    again = await give_pass(shop, shopper)
    assert await scan_one(shop, till, totp_code(totp_pass, NOON)) == "card-unknown", "a newer pass"
    assert await scan_one(shop, till, totp_code(again)) == "good"


async def test_a_totp_code_of_another_program_is_unknown(shop: Shop, pool: Pool) -> None:
    other = await open_shop(pool, "other")
    (stranger,) = await other.enrol()
    assert await scan_one(shop, await a_till(shop), totp_code(await give_pass(other, stranger))) == "card-unknown"


async def test_bad_codes_hinder_no_good_one(shop: Shop) -> None:
    (shopper, other) = await shop.enrol(2)
    till, phone, thief = await a_till(shop), await shop.put_card_on(shopper), await shop.put_card_on(other)
    good = phone.make_code(NOON)
    thief.certificate = phone.certificate
    texts = [thief.make_code(NOON), good[:-1], "0" * 452, good, "9" * 452, other.number]
    answers = await carry_out(shop, *(presents(till, text) for text in texts))
    assert reasons(*answers) == ["forged", "card-unknown", "card-unknown", "good", "card-unknown", "good"]
    assert [each["member_id"] for each in expect_answers([answers[3], answers[5]])] == [
        str(shopper.member_id),
        str(other.member_id),
    ]


async def _register_again(shop: Shop, shopper: Shopper, phone: ReferencePhone, now: datetime) -> ReferencePhone:
    return await shop.put_card_on(shopper, now, phone)
