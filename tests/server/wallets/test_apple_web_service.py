"""The web service for Apple Wallet, over HTTP: whose token opens what, and what phones may say."""

import asyncio
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.pass_tokens import make_pass_token, open_push_token, read_serial_number, write_serial_number
from devtools.apple_authority import PASS_TYPE
from ids import DeviceId, MemberId
from kit.ids import new_id
from kit.sealing import Keyring
from server.runtime.store_places import StorePlaces
from server.wallets.apple_routes import _read_date, _read_tag
from server.wallets.refresh_passes import FIRST, refresh_page
from tests.server.web.test_bad_input import BROKEN, OTHER_TYPES
from tests.support.apple import (
    PUSH_TOKEN,
    V1,
    changed,
    pass_path,
    path_of,
    read,
    register,
    rows_of,
    set_points,
    sweep,
    values,
)
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.stage import set_stage
from tests.support.world import Chain, Json, Member, open_world


async def test_only_its_own_token_opens_a_pass(chain: Chain, rival: Chain) -> None:
    member, other, stranger = await chain.enrol(), await chain.enrol(), await rival.enrol()
    assert (await register(member)).status_code == 201
    token = str(member.wallet.token)
    foreign = make_pass_token(Keyring(bytes(32)), (member.id, member.device_id))
    half = make_pass_token(Keyring(SECRET_KEY), (member.id, DeviceId(new_id())))
    before = await chain.world.fingerprint()
    for header in (
        None, "", "ApplePass", "ApplePass ", f"Bearer {token}", f"ApplePass {token[:-1]}", f"ApplePass {token}A",
        f"ApplePass {token.swapcase()}", f"ApplePass  {token}", f"ApplePass {other.wallet.token}",
        f"ApplePass {stranger.wallet.token}", f"ApplePass {foreign}", f"ApplePass {half}", f"Bearer {member.app.token}",
        f"ApplePass {member.app.token}", "ApplePass \xe9",
    ):  # fmt: skip
        headers = [] if header is None else [(b"Authorization", header.encode("latin-1"))]
        for method, path in (
            ("GET", pass_path(member)),
            ("POST", path_of(member, "another")),
            ("DELETE", path_of(member)),
        ):
            body = {"json": {"pushToken": PUSH_TOKEN}} if method == "POST" else {}
            response = await chain.world.http.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
            expect_problem(response, 401, "unauthenticated")
    assert await chain.world.fingerprint() == before


@pytest.mark.parametrize(
    "serial", ["x", "A" * 43, "%00", "A" * 5000, "%F0%28", "..", "AAAA-AAAA", "AAAA%0A", "01a220d3"]
)
async def test_a_serial_that_is_none(chain: Chain, serial: str) -> None:
    member = await chain.enrol()
    for path in (f"{V1}/passes/{PASS_TYPE}/{serial}", f"{V1}/devices/l/registrations/{PASS_TYPE}/{serial}"):
        method = "GET" if "passes" in path else "DELETE"
        assert (await member.wallet.call(method, path)).status_code in {401, 404, 405}, path


async def test_what_changed_in_the_second_of_the_last_change_waits_for_the_next_sweep(chain: Chain) -> None:
    """Else a phone that loaded in that second would hear 304 for what it has not seen."""
    await set_stage(chain)
    member = await chain.enrol()
    await register(member)
    first = await member.wallet.get(pass_path(member))
    await set_points(chain, member, 5)
    await chain.world.pool.execute("UPDATE apple_passes SET changed_at = clock_timestamp() + interval '0.5 s'")
    known = {"If-Modified-Since": first.headers["last-modified"]}
    for _ in range(2):
        assert await refresh_page(chain.world.pool, StorePlaces(), FIRST) is None
        again = await member.wallet.call("GET", pass_path(member), headers=known)
        assert values(read(again))["points"] == 5
    await sweep(chain)
    last = await member.wallet.get(pass_path(member))
    known = {"If-Modified-Since": last.headers["last-modified"]}
    assert (await member.wallet.call("GET", pass_path(member), headers=known)).status_code == 304


async def test_a_pass_of_another_type_is_not_ours(chain: Chain) -> None:
    member = await chain.enrol()
    await register(member)
    expect_problem(await member.wallet.get(pass_path(member, "pass.jp.example.other")), 401)
    other = path_of(member, pass_type="pass.jp.example.other")
    expect_problem(await member.wallet.post(other, {"pushToken": PUSH_TOKEN}), 401)
    expect_problem(await member.wallet.delete(other), 401)
    listed = await member.wallet.get(f"{V1}/devices/{member.id.hex}/registrations/pass.jp.example.other")
    assert (listed.status_code, listed.content) == (204, b"")


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "0",
        "-1",
        "Thu, 01 Jan 1970",
        "Mon, 99 Foo 2026 99:99:99 GMT",
        "9" * 400,
        "\xff",
        ";,",
        "1" * 20,
    ],
)
async def test_a_date_that_nobody_can_read_counts_as_none(chain: Chain, date: str) -> None:
    member = await chain.enrol()
    await register(member)
    headers = {"If-Modified-Since": date.encode("latin-1")}
    response = await member.wallet.call("GET", pass_path(member), headers=headers)
    assert read(response)["serialNumber"] == member.pass_serial


@settings(max_examples=40)
@given(date=st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_no_date_breaks_the_reading(date: str) -> None:
    _read_date(date)
    assert _read_tag(date) is None or date.isdigit()


async def test_a_tag_that_was_never_sent_counts_as_none(chain: Chain) -> None:
    member = await chain.enrol()
    await register(member)
    for tag in ("", "x", "-5", "1e9", "9" * 30, "٣", "\0", "2026-11-21T00:00:00Z", "0"):
        listed = await changed(member, since=tag)
        assert (listed.status_code, listed.json()["serialNumbers"]) == (200, [member.pass_serial]), tag
    assert (await changed(member, since="9" * 17)).status_code == 204, "in the far future nothing is newer"
    twice = f"{V1}/devices/{member.id.hex}/registrations/{PASS_TYPE}?passesUpdatedSince=1&passesUpdatedSince=2"
    assert (await member.wallet.get(twice)).status_code < 500


async def test_a_phone_lists_its_own_passes_of_every_program(chain: Chain, rival: Chain) -> None:
    mine, theirs, strangers = await chain.enrol(), await rival.enrol(), await chain.enrol()
    for member in (mine, theirs):
        assert (await register(member, "one-phone")).status_code == 201
    await register(strangers, "another-phone")
    listed = (await changed(mine, "one-phone")).json()["serialNumbers"]
    assert sorted(listed) == sorted([mine.pass_serial, theirs.pass_serial])
    assert (await changed(mine, "One-Phone")).status_code == 204


async def test_registrations_at_the_same_moment_are_one(chain: Chain) -> None:
    member = await chain.enrol()
    tokens = [f"{number:064x}" for number in range(12)]
    answers = await asyncio.gather(*(register(member, push_token=token) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    (row,) = await rows_of(chain, member)
    opened = open_push_token(
        Keyring(SECRET_KEY), (member.id, member.device_id), row["device_library_hash"], row["sealed_push_token"]
    )
    assert opened in tokens


async def test_registering_and_unregistering_at_once_leaves_one_of_both(chain: Chain) -> None:
    member = await chain.enrol()
    for _ in range(8):
        calls = (register(member) if step % 2 else member.wallet.delete(path_of(member)) for step in range(8))
        answers = await asyncio.gather(*calls)
        assert {answer.status_code for answer in answers} <= {200, 201}
    count = len(await rows_of(chain, member))
    assert count == await chain.world.count("apple_passes", chain.id) <= 1


async def test_a_pass_is_on_twenty_phones_at_most(chain: Chain) -> None:
    member = await chain.enrol()
    for number in range(23):
        assert (await register(member, f"phone-{number}")).status_code == 201
    assert len(await rows_of(chain, member)) == 20
    assert (await changed(member, "phone-2")).status_code == 204, "the oldest made room"
    assert (await changed(member, "phone-22")).status_code == 200


async def test_a_registration_that_cannot_be(chain: Chain) -> None:
    member = await chain.enrol()
    before = await chain.world.fingerprint()
    for token in ("", "0", "xyz", "../../3/device/x", "0c" * 500, "0c\n", "0c 0c", None, 12, ["0c"]):
        expect_problem(await member.wallet.post(path_of(member), {"pushToken": token}), 400, "invalid-request")
    expect_problem(await member.wallet.post(path_of(member), {}), 400, "invalid-request")
    for path in (path_of(member), f"{V1}/log"):
        for what, body in BROKEN.items():
            response = await member.wallet.post(path, content=body, headers={"Content-Type": "application/json"})
            expect_problem(response, 400, "invalid-request")
            assert "'data'" not in response.text, what
        for media_type in OTHER_TYPES:
            response = await member.wallet.post(path, content=b"{}", headers={"Content-Type": media_type})
            expect_problem(response, 415, "unsupported-media-type")
        expect_problem(await member.wallet.post(path, content=b" " * 1_000_001), 413, "body-too-large")
    assert await chain.world.fingerprint() == before


async def test_apple_may_say_more_than_it_does_today(chain: Chain) -> None:
    member = await chain.enrol()
    body = {"pushToken": PUSH_TOKEN, "environment": {"new": True}}
    assert (await member.wallet.post(path_of(member), body)).status_code == 201


async def test_a_log_is_counted_and_not_kept(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    member = await chain.enrol()
    line = f"Register task for {member.pass_serial} with {member.wallet.token} failed"
    before = await chain.world.fingerprint()
    assert (await chain.world.anyone.post(f"{V1}/log", {"logs": [line, "\0", ""]})).status_code == 200
    expect_problem(await chain.world.anyone.post(f"{V1}/log", {"logs": ["x"] * 101}), 400)
    expect_problem(await chain.world.anyone.post(f"{V1}/log", {"logs": ["x" * 10_001]}), 400)
    assert await chain.world.fingerprint() == before
    told = capsys.readouterr()
    assert member.pass_serial not in told.out + told.err
    assert str(member.wallet.token) not in told.out + told.err


async def test_without_files_the_routes_say_so(database: str) -> None:
    nothing: Json = {"apple_pass_certificate": None, "apple_pass_key": None, "apple_wwdr_certificate": None}
    async with open_world(database, **nothing) as world:
        chain = await world.add_chain()
        member = await chain.enrol()
        answers = [
            await member.app.get("/v1/me/card.pkpass"),
            await register(member),
            await member.wallet.delete(path_of(member)),
            await changed(member),
            await member.wallet.get(pass_path(member)),
            await world.anyone.post(f"{V1}/log", {"logs": []}),
        ]
        for answer in answers:
            assert answer.status_code == 501, answer.text
            assert answer.json()["type"] == "urn:noren:problem:wallet-not-configured"
        assert (await world.anyone.get(pass_path(member))).status_code == 401, "a stranger is told nothing"


async def test_neither_device_library_id_nor_push_token_is_in_the_table(chain: Chain) -> None:
    member = await chain.enrol()
    await register(member, "a-library-of-a-phone")
    text = await chain.world.pool.fetchval(
        "SELECT string_agg(r::text, '') FROM apple_registrations r WHERE member_id = $1", member.id
    )
    for secret in ("a-library-of-a-phone", PUSH_TOKEN, str(member.wallet.token)):
        assert secret not in text
        assert secret.encode().hex() not in text


def test_serial_numbers_are_read_as_they_are_written() -> None:
    pass_id = (MemberId(new_id()), DeviceId(new_id()))
    text = write_serial_number(pass_id)
    assert read_serial_number(text) == pass_id
    assert len(text) == 43
    for wrong in (text[:-1], text + "A", text[:-1] + "B", text + "=", " " + text, "", "é"):
        assert read_serial_number(wrong) is None


async def lose_points(chain: Chain, member: Member) -> None:
    await chain.world.pool.execute("DELETE FROM point_lots WHERE member_id = $1", member.id)


@pytest.mark.parametrize("by_app", [False, True])
async def test_what_changed_and_changed_back_between_two_sweeps_is_a_change(chain: Chain, by_app: bool) -> None:
    """Else the phone that loaded in between would hear 304 for ever, with what is over on its screen."""
    await set_stage(chain)
    member = await chain.enrol()
    await register(member)
    first = await member.wallet.get(pass_path(member))
    before = values(read(first))["points"]
    await set_points(chain, member, 5)
    between = await member.app.get("/v1/me/card.pkpass") if by_app else await member.wallet.get(pass_path(member))
    assert values(read(between))["points"] == 5
    await lose_points(chain, member)
    known = {"If-Modified-Since": (first if by_app else between).headers["last-modified"]}
    again = await member.wallet.call("GET", pass_path(member), headers=known)
    assert values(read(again))["points"] == before
    told = (await changed(member)).json()["lastUpdated"]
    await sweep(chain)
    assert (await changed(member, since=told)).json()["serialNumbers"] == [member.pass_serial]
    # The sweep comes some seconds later, and in the test those lie before it.
    loaded_at = parsedate_to_datetime(known["If-Modified-Since"]) - timedelta(seconds=5)
    known = {"If-Modified-Since": format_datetime(loaded_at, usegmt=True)}
    last = await member.wallet.call("GET", pass_path(member), headers=known)
    assert values(read(last))["points"] == before
    known = {"If-Modified-Since": last.headers["last-modified"]}
    assert (await member.wallet.call("GET", pass_path(member), headers=known)).status_code == 304
