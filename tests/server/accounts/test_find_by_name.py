"""The staff find somebody by what they say: a name, its reading, or any number of theirs."""

from typing import Any

import pytest

from kit.database import Connection, in_transaction
from kit.sealing import Keyring
from members.handles import hash_handle
from members.profile import KeptProfile, Profile
from members.profiles_repository import upsert_profiles
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.shop import at
from tests.support.world import Chain, Member

# Who joined first comes first.
PEOPLE = {
    "taro": ("佐藤 太郎", "サトウ タロウ"),
    "hana": ("佐藤 花子", "サトウ ハナコ"),
    "ken": ("髙橋 健", "タカハシ ケン"),
    "sakura": ("さくら", None),
    "john": ("John_100% O'Neil", None),
    "satoko": ("里子 佐", "サトコ サ"),
}


async def enrol_people(chain: Chain) -> dict[str, Member]:
    members = {who: await chain.enrol() for who in PEOPLE}

    async def know(conn: Connection) -> None:
        kept = [
            KeptProfile(
                member_id=members[who].id,
                program_id=chain.id,
                profile=Profile(name=name, kana=kana),
                updated_at=at(0),
                version=1,
            )
            for who, (name, kana) in PEOPLE.items()
        ]
        await upsert_profiles(conn, kept)

    await in_transaction(chain.world.pool, know)
    return members


class Search:
    def __init__(self, chain: Chain, members: dict[str, Member]) -> None:
        self._owner = chain.owner
        self._names = {str(member.id): who for who, member in members.items()}

    async def __call__(self, text: str, path: str = "/v1/members/search") -> list[str]:
        return self.names(await self.read(text, path))

    async def read(self, text: str, path: str = "/v1/members/search") -> Any:
        answer = await self._owner.post(path, {"text": text})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def names(self, page: Any) -> list[str]:
        return [self._names[item["member_id"]] for item in page["items"]]


async def test_members_are_found_by_what_they_say(chain: Chain, rival: Chain) -> None:
    members = await enrol_people(chain)
    search, of_rival = Search(chain, members), Search(rival, {})
    for text, found in (
        ("佐藤", ["hana", "taro"]),  # the newest first
        ("佐藤 花", ["hana"]),
        ("花子佐藤", []),  # as one word it stands in no name
        ("花子 佐藤", ["hana"]),
        ("高橋", ["ken"]),
        ("髙橋　健", ["ken"]),
        ("佐", ["taro", "hana"]),  # from the beginning, in the order of the names
        ("さと", ["taro", "hana", "satoko"]),  # in the order of the readings
        ("ｻﾄｳ ﾊ", ["hana"]),
        ("サクラ", ["sakura"]),
        ("n_100% o", ["john"]),
        ("%%", []),
        ("o'neil JOHN", ["john"]),
        ("j", ["john"]),
        ("nobody", []),
        ("・", []),
    ):
        assert await search(text) == found, text
        assert await of_rival(text) == [], text


async def test_a_number_or_an_address_leads_to_its_member_alone(chain: Chain, rival: Chain) -> None:
    members = await enrol_people(chain)
    search, of_rival = Search(chain, members), Search(rival, {})
    keyring = Keyring(SECRET_KEY)
    for kind, value in (("own_number", "A-17"), ("plastic_card", "4980123456789012")):
        await chain.world.pool.execute(
            "INSERT INTO handles (program_id, kind, value_hash, member_id) VALUES ($1, $2, $3, $4)",
            *(chain.id, kind, hash_handle(keyring, kind, value), members["hana"].id),  # type: ignore[arg-type]
        )
    number = members["hana"].card_number
    for text in (number, f"{number[:4]} {number[4:]}", "a-17", "4980 1234 5678 9012"):
        assert await search(text) == ["hana"], text
        assert await of_rival(text) == [], text


@pytest.mark.parametrize("text", ["佐藤", "サト"])
async def test_pages_follow_each_other(chain: Chain, text: str) -> None:
    search = Search(chain, await enrol_people(chain))
    whole = await search(text)
    paged: list[str] = []
    path = "/v1/members/search?limit=1"
    while True:
        page = await search.read(text, path)
        paged += search.names(page)
        if page["next_cursor"] is None:
            break
        path = f"/v1/members/search?limit=1&cursor={page['next_cursor']}"
    assert paged == whole
    assert len(whole) > 1


async def test_a_page_after_somebody_who_is_gone(chain: Chain) -> None:
    members = await enrol_people(chain)
    search = Search(chain, members)
    page = await search.read("サト", "/v1/members/search?limit=1")
    await chain.world.pool.execute("DELETE FROM profiles WHERE member_id = $1", members["taro"].id)
    again = await chain.owner.post(f"/v1/members/search?cursor={page['next_cursor']}", {"text": "サト"})
    expect_problem(again, 400, "invalid-cursor")
