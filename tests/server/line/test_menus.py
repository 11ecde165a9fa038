"""Rich menus: what LINE is sent, and what each phone shows as somebody links, rises in rank and unlinks."""

import base64
import struct
from typing import Any

import pytest
import pytest_asyncio

from channels.line.menus import Area, Picture, find_fault, read_picture
from devtools.line_double import Channel, LineDouble, broken
from ids import MemberId
from server.line.sync_menus import sync_menus
from tests.support.expectations import expect_problem
from tests.support.line import connect_line, line_worker, link
from tests.support.world import Chain, Json

RANKS = {
    "measure": "visits",
    "period": "year",
    "rolling_days": None,
    "time_zone": "Asia/Tokyo",
    "ranks": [{"code": "gold", "name": {"ja": "ゴールド"}, "threshold": 1}],
}


def png(width: int = 1200, height: int = 405, more: int = 0) -> bytes:
    """Its header is all that is looked at here."""
    header = struct.pack(">II", width, height) + b"\x08\x06\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + bytes(more)


def menu_body(state: str, text: str = "メニュー", *, picture: bytes | None = None, **area: Any) -> Json:
    tapped = {"x": 0, "y": 0, "width": 600, "height": 405} | (area or {"command": "card"})
    encoded = base64.b64encode(png() if picture is None else picture).decode()
    return {"state": state, "menu": {"chat_bar_text": text, "picture": encoded, "areas": [tapped]}}


@pytest_asyncio.fixture(loop_scope="session")
async def channel(chain: Chain, line: LineDouble, clean_line: None) -> Channel:
    await chain.world.pool.execute("DELETE FROM line_menus")
    await chain.world.pool.execute("DELETE FROM line_menu_endings")
    opened = line.open_channel("1650000001")
    await connect_line(chain, opened)
    return opened


async def sync(chain: Chain, line: LineDouble) -> None:
    """Until there is nothing to do."""
    async with line_worker(chain.world.pool, line) as work:
        for _ in range(5):
            if await sync_menus(work) == 0:
                return
    raise AssertionError("it does not come to an end")


async def set_rank(chain: Chain, member_id: MemberId, code: str | None) -> None:
    await chain.world.pool.execute(
        "INSERT INTO member_ranks (member_id, program_id, rank_code, since, valid_until, rules_version)"
        " VALUES ($1, $2, $3, now(), NULL, 1) ON CONFLICT (member_id) DO UPDATE SET rank_code = excluded.rank_code",
        member_id,
        chain.id,
        code,
    )


async def test_each_phone_shows_the_menu_of_its_member(chain: Chain, line: LineDouble, channel: Channel) -> None:
    menus, member = channel.menus, await chain.enrol()
    assert (await chain.owner.put("/v1/program/ranks", RANKS)).status_code == 200

    def shown(user_id: str = "U1") -> str | None:
        menu = menus.shown(user_id)
        return None if menu is None else menu["chatBarText"]

    for state, text in (("not_linked", "連携する"), ("linked", "会員"), ("rank-gold", "ゴールド")):
        answer = await chain.owner.put("/v1/program/line/menus", menu_body(state, text))
        assert answer.status_code == 200, answer.text
    await sync(chain, line)
    listed = (await chain.owner.get("/v1/program/line/menus")).json()["items"]
    assert [each["state"] for each in listed] == ["linked", "not_linked", "rank-gold"]
    assert all(each["published_at"] and each["fault"] is None for each in listed)
    assert (shown(), set(menus.pictures.values())) == ("連携する", {png()})
    await link(chain, channel, line, member, "U1")
    await sync(chain, line)
    assert (shown(), shown("U2")) == ("会員", "連携する")
    await set_rank(chain, member.id, "gold")
    await sync(chain, line)
    assert shown() == "ゴールド"
    # Changed, and ended: LINE keeps none of what is over.
    await chain.owner.put("/v1/program/line/menus", menu_body("rank-gold", "金", url="https://kissa.example/gold"))
    await sync(chain, line)
    assert (shown(), len(menus.menus)) == ("金", 3)
    assert (await chain.owner.put("/v1/program/line/menus", {"state": "rank-gold", "menu": None})).status_code == 200
    await sync(chain, line)
    assert (shown(), len(menus.menus)) == ("会員", 2)
    assert (await member.app.delete("/v1/me/line")).status_code == 204
    await sync(chain, line)
    assert shown() == "連携する"
    assert await chain.world.count("line_menu_endings", chain.id) == 0


async def test_an_erased_members_phone_shows_what_everybody_sees(
    chain: Chain, line: LineDouble, channel: Channel
) -> None:
    member = await chain.enrol()
    await chain.owner.put("/v1/program/line/menus", menu_body("linked", "会員"))
    await link(chain, channel, line, member, "U1")
    await sync(chain, line)
    await sync(chain, line)
    assert channel.menus.shown("U1") is not None
    await chain.owner.post(f"/v1/members/{member.id}/erasure", {"verified_by": "card_shown"})
    assert await chain.world.count("line_menu_endings", chain.id) == 1
    await sync(chain, line)
    assert channel.menus.shown("U1") is None
    assert await chain.world.count("line_menu_endings", chain.id) == 0


async def test_a_fault_of_lines_is_tried_again_and_a_refusal_is_shown(
    chain: Chain, line: LineDouble, channel: Channel
) -> None:
    await chain.owner.put("/v1/program/line/menus", menu_body("linked"))
    async with line_worker(chain.world.pool, line) as work:
        line.faults.append(broken(503))
        assert await sync_menus(work) == 1
        assert (await fault_of(chain), await sync_menus(work)) == ("line_503", 0)
        await chain.world.pool.execute("UPDATE line_menus SET next_attempt_at = now()")
        assert await sync_menus(work) == 1
        assert await fault_of(chain) is None
        await chain.owner.put("/v1/program/line/menus", menu_body("linked", picture=png(1200, 800, more=1)))
        line.faults.append(broken(400))
        await sync_menus(work)
        assert await fault_of(chain) == "line_400"
        assert await sync_menus(work) == 0  # not before it is changed
    assert len(channel.menus.menus) == 1


async def fault_of(chain: Chain) -> str | None:
    (menu,) = (await chain.owner.get("/v1/program/line/menus")).json()["items"]
    fault: str | None = menu["fault"]
    return fault


async def test_a_menu_that_line_would_refuse_is_refused(chain: Chain) -> None:
    put = chain.owner.put
    wrong = {
        "too narrow": menu_body("linked", picture=png(700, 405)),
        "too high": menu_body("linked", picture=png(1200, 1200)),
        "no picture": menu_body("linked", picture=b"GIF89a"),
        "too large": menu_body("linked", picture=png(more=700_000)),
        "an area outside": menu_body("linked", x=700, command="card"),
        "both": menu_body("linked", command="card", url="https://kissa.example"),
        "neither": menu_body("linked", command=None),
        "an unknown command": menu_body("linked", command="fly"),
        "no https": menu_body("linked", url="http://kissa.example"),
        "a long bar": menu_body("linked", "x" * 15),
    }
    for what, body in wrong.items():
        assert expect_problem(await put("/v1/program/line/menus", body), 400, "invalid-request"), what
    body = menu_body("linked")
    body["menu"]["picture"] = "not Base64"
    expect_problem(await put("/v1/program/line/menus", body), 400, "invalid-request")
    expect_problem(await put("/v1/program/line/menus", menu_body("rank-none")), 404, "not-found")
    expect_problem(await put("/v1/program/line/menus", {"state": "linked", "menu": None}), 404, "not-found")
    assert await chain.world.count("line_menus", chain.id) == 0


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (png(), Picture("image/png", 1200, 405)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x01\x95\x04\xb0", Picture("image/jpeg", 1200, 405)),
        (b"\xff\xd8\xff\xe0\x00\x04ab", None),
        (b"\xff\xd8\xff", None),
        (b"", None),
        (png()[:20], None),
    ],
)
def test_what_a_picture_is(body: bytes, found: Picture | None) -> None:
    assert read_picture(body) == found


def test_an_area_is_judged_by_its_picture() -> None:
    area = Area(x=0, y=0, width=1200, height=405, command="card")
    assert find_fault(Picture("image/png", 1200, 405), [area]) is None
    assert find_fault(Picture("image/png", 1199, 405), [area]) == "Keep each area within the picture."
