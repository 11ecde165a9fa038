"""The staff's list of members as a file that spreadsheets open."""

import csv
import io

import pytest

from tests.support.world import Chain


async def rows_of(chain: Chain, body: dict[str, str]) -> list[list[str]]:
    answer = await chain.owner.post("/v1/members/list.csv", body)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


async def test_all_members_or_those_found_are_listed_in_pages(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.accounts.member_table.MAX_LIMIT", 2)
    members = [await chain.enrol() for _ in range(5)]
    for place, name in enumerate(["佐藤 花子", "鈴木 一", "佐藤 健", "=1+1 佐藤"]):
        await chain.owner.patch(f"/v1/members/{members[place].id}/profile", {"name": name})
    headings, *listed = await rows_of(chain, {})
    assert headings[:4] == ["member_id", "card_number", "state", "name"]
    assert [row[0] for row in listed] == [str(each.id) for each in reversed(members)]
    assert [row[3] for row in listed] == ["", "'=1+1 佐藤", "佐藤 健", "鈴木 一", "佐藤 花子"]
    found = await rows_of(chain, {"text": "佐藤"})
    assert [row[3] for row in found[1:]] == ["'=1+1 佐藤", "佐藤 健", "佐藤 花子"]
    assert await rows_of(chain, {"text": "nobody's name"}) == [headings]
    trail = (await chain.owner.get("/v1/audit")).json()["items"]
    actions = [(each["action"], each["target"]) for each in trail[:3]]
    assert actions == [
        ("POST /v1/members/list.csv", "members that a search found"),
        ("POST /v1/members/list.csv", "members that a search found"),
        ("POST /v1/members/list.csv", "all members"),
    ]
