"""The owner sends a file, follows it, and stops it; a process apart carries it out."""

from uuid import UUID

import pytest

from ids import ImportRunId
from kit.sealing import Keyring
from server.moving_in import routes
from server.moving_in.work_sent import carry_out
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.world import Chain, Json

TABLE = {"Content-Type": "text/csv"}
KEYRING = Keyring(SECRET_KEY)
FILE = "会員番号,氏名,電話番号,備考\nA-1,佐藤 花子,0312345678,x\n,,,y\nA-2,鈴木 太郎,,\n".encode("cp932")


async def send(chain: Chain, body: bytes = FILE, **query: str) -> Json:
    answer = await chain.owner.post("/v1/member-imports", body, headers=TABLE, params=query)
    assert answer.status_code == 202, answer.text
    sent: Json = answer.json()
    return sent


async def work(chain: Chain, sent: Json) -> None:
    await carry_out(chain.world.pool, KEYRING, chain.id, ImportRunId(UUID(sent["id"])))


async def test_a_file_is_sent_carried_out_and_reported(
    chain: Chain, rival: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "_PIECE_BYTES", 16)
    sent = await send(chain, name="会員.csv")
    assert (sent["state"], sent["name"], sent["reading"]) == ("waiting", "会員.csv", None)
    assert (await send(chain))["id"] == sent["id"]  # the same file again, while it is not over
    other = await chain.owner.post("/v1/member-imports", b"number\nB\n", headers=TABLE)
    assert expect_problem(other, 409, "import-running")["import_id"] == sent["id"]
    pieces = "SELECT sealed_bytes FROM import_file_pieces WHERE run_id = $1"
    sealed = await chain.world.pool.fetch(pieces, UUID(sent["id"]))
    assert len(sealed) > 2
    assert not any("佐藤".encode("cp932") in row["sealed_bytes"] for row in sealed)
    await work(chain, sent)
    report = (await chain.owner.get(f"/v1/member-imports/{sent['id']}")).json()
    assert (report["state"], report["rows_total"], report["rows_read"]) == ("done", 3, 3)
    assert (report["created"], report["refused"], report["remarks"]) == (2, 1, 1)
    assert report["reading"]["left_out"] == ["備考"]
    assert [(fault["line"], fault["is_refused"]) for fault in report["faults"]] == [(2, False), (3, True)]
    assert await chain.world.pool.fetch(pieces, UUID(sent["id"])) == []
    listed = (await chain.owner.get("/v1/member-imports")).json()["items"]
    assert [each["id"] for each in listed] == [sent["id"]]
    assert (await rival.owner.get("/v1/member-imports")).json()["items"] == []
    expect_problem(await rival.owner.get(f"/v1/member-imports/{sent['id']}"), 404, "not-found")
    expect_problem(await rival.owner.post(f"/v1/member-imports/{sent['id']}/stop"), 404, "not-found")


async def test_one_that_is_stopped_is_over_and_can_be_sent_again(chain: Chain) -> None:
    sent = await send(chain)
    stopped = (await chain.owner.post(f"/v1/member-imports/{sent['id']}/stop", key="stop")).json()
    assert (stopped["state"], stopped["rows_read"]) == ("stopped", 0)
    assert (await chain.owner.post(f"/v1/member-imports/{sent['id']}/stop", key="stop")).json() == stopped
    await work(chain, sent)
    again = await send(chain, dry_run="true")
    assert again["id"] != sent["id"]
    await work(chain, again)
    report = (await chain.owner.get(f"/v1/member-imports/{again['id']}")).json()
    assert (report["state"], report["is_dry_run"], report["created"]) == ("done", True, 2)
    assert await chain.world.pool.fetchval("SELECT count(*) FROM members WHERE program_id = $1", chain.id) == 0


async def test_an_empty_body_and_another_kind_of_file(chain: Chain) -> None:
    for body, kind, status, slug in (
        (b"", "text/csv", 400, "invalid-request"),
        (b"x", "application/json", 415, "unsupported-media-type"),
    ):
        answer = await chain.owner.post("/v1/member-imports", body, headers={"Content-Type": kind})
        expect_problem(answer, status, slug)
