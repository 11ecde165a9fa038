"""The form of a member's profile: what stands in it, what it changes, what is wrong, who else has changed it."""

from members.attributes import STANDARD_ATTRIBUTES
from tests.server.console.members.test_members import SCRIPT, add_member
from tests.support.faces import ServedFaces
from tests.support.lives import ok
from tests.support.signed_in import SignedIn, sign_in_as
from tests.support.world import Chain, Json, Member

FIELDS = {
    "birthday.year": "", "birthday.month": "", "birthday.day": "", "kana": "", "nickname": "", "gender": "",
    "postal_code": "", "prefecture": "", "city": "", "job": "", "income_band": "", "time_zone": "",
}  # fmt: skip
LIKES = [{"key": key, "label": {"en": key}} for key in ("tea", "cake")]
OWN = (
    {"key": "shoe_cm", "kind": "number", "label": {"ja": "靴", "en": "Shoe"}},
    {"key": "vegan", "kind": "yes_no", "label": {"en": "Vegan"}},
    {"key": "likes", "kind": "many_of", "label": {"en": "Likes"}, "choices": LIKES},
    {"key": "since", "kind": "date", "label": {"en": "Since"}},
    {"key": "secret", "kind": "text", "label": {"en": "Secret"}, "writers": ["import"]},
)  # fmt: skip


async def open_form(faces: ServedFaces) -> tuple[Chain, SignedIn, Member, str, dict[str, str]]:
    chain = await faces.world.add_chain()
    for attribute in OWN:
        ok(await chain.owner.post("/v1/attributes", {"writers": ["staff"], "is_profiling": False, **attribute}))
    member = await add_member(chain, f"佐藤 花子{SCRIPT}")
    owner = await sign_in_as(faces, chain)
    path = f"/console/members/{member.id}/profile"
    own = {"own.shoe_cm": "", "own.vegan": "", "own.since": ""}
    form = await owner.read_form(path) | FIELDS | own | {"name": f"佐藤 花子{SCRIPT}", "locale": "ja"}
    return chain, owner, member, path, form


async def profile_of(chain: Chain, member: Member) -> Json:
    found: Json = ok(await chain.owner.get(f"/v1/members/{member.id}/profile"))
    return found


async def test_a_profile_is_edited_by_the_programs_schema_and_the_trail_names_the_fields(faces: ServedFaces) -> None:
    chain, owner, member, path, form = await open_form(faces)
    page = (await owner.open(path)).text
    assert SCRIPT not in page
    assert "Secret" not in page, "the staff may not write it"
    typed = {
        "kana": "さとう はなこ", "birthday.month": "\uff12", "birthday.day": "29",
        "postal_code": "〒160-0022", "prefecture": "13",
        "own.shoe_cm": "23.5", "own.vegan": "no", "own.likes.cake": "1", "own.since": "2026-01-02", "locale": "en",
    }  # fmt: skip
    assert (await owner.send(path, form | typed)).status_code == 303
    assert (await owner.send(path, form | typed)).status_code == 303, "a double click"
    saved = await profile_of(chain, member)
    assert (saved["kana"], saved["birthday"], saved["locale"]) == (
        "サトウ ハナコ",
        {"month": 2, "day": 29, "year": None},
        "en",
    )
    assert saved["attributes"] == {"shoe_cm": 23.5, "vegan": False, "likes": ["cake"], "since": "2026-01-02"}
    (entry, *_) = ok(await chain.owner.get("/v1/audit"))["items"]
    assert entry["action"] == "PATCH /v1/members/{member_id}/profile"
    fields = "birthday, kana, likes, locale, postal_code, prefecture, shoe_cm, since, vegan"
    assert entry["target"] == f"/v1/members/{member.id}/profile: {fields}"
    shown = (await owner.open(path)).text
    assert 'value="サトウ ハナコ"' in shown
    emptied = await owner.read_form(path) | form | {"version": str(saved["version"]), "key": "k" * 43}
    assert (await owner.send(path, emptied)).status_code == 303
    assert (await profile_of(chain, member))["attributes"] == {}


WRONG = [
    ("kana", "佐藤", "katakana or hiragana"),
    ("name", "花子\u202e", "turn the direction"),
    ("name", "あ" * 101, "Up to 100 letters"),
    ("birthday.day", "32", "the calendar has"),
    ("birthday.year", "x", "the calendar has"),
    ("postal_code", "123", "postal code such as"),
    ("prefecture", "48", "Choose a prefecture"),
    ("gender", "<script>", "Choose one"),
    ("time_zone", "Mars/Base", "time zone"),
    ("own.shoe_cm", "wide", "Give a number"),
    ("own.shoe_cm", "1e999", "Give a number"),
    ("own.since", "tomorrow", "Give a day such as"),
    ("own.vegan", "maybe", "yes or no"),
    ("locale", "", "Choose one"),
]


async def test_what_is_wrong_is_said_beside_its_field_and_all_is_kept(faces: ServedFaces) -> None:
    chain, owner, member, path, form = await open_form(faces)
    before = await profile_of(chain, member)
    for name, value, said in WRONG:
        refused = await owner.send(path, form | {"nickname": "はなちゃん", name: value})
        assert refused.status_code == 422, (name, value)
        field = name.partition(".")[0] if name.startswith("birthday") else name
        _, fault = refused.text.split('<p class="fault"')
        assert fault.startswith(f' id="{field}-fault">'), (name, value)
        assert said in fault[:200]
        assert 'value="はなちゃん"' in refused.text
    assert await profile_of(chain, member) == before


async def test_two_who_edit_one_profile_see_both(faces: ServedFaces) -> None:
    chain, owner, member, path, form = await open_form(faces)
    ok(await chain.owner.patch(f"/v1/members/{member.id}/profile", {"nickname": "ハナ", "job": "student"}))
    for version in (form["version"], "", "x", "9" * 30):
        refused = await owner.send(path, form | {"nickname": "はなちゃん", "version": version})
        assert refused.status_code == 409, version
        assert "Saved now: ハナ" in refused.text
        assert "Saved now: Student" in refused.text
        assert 'value="はなちゃん"' in refused.text
    again = await owner.read_form(path) | form | {"version": str((await profile_of(chain, member))["version"])}
    assert (await owner.send(path, again | {"nickname": "はなちゃん", "job": "student"})).status_code == 303
    saved = await profile_of(chain, member)
    assert (saved["nickname"], saved["job"]) == ("はなちゃん", "student")


async def test_others_edit_none(faces: ServedFaces) -> None:
    chain, _, _, path, form = await open_form(faces)
    store = await chain.add_store()
    for role, stores in (("store_manager", [store]), ("marketer", []), ("analyst", [])):
        other = await sign_in_as(faces, chain, role, *stores)  # type: ignore[arg-type]
        assert (await other.open(path)).status_code == 403
        page = await other.read_form("/console/account")
        assert (await other.send(path, form | {"csrf": page["csrf"]})).status_code == 403
    rival = await sign_in_as(faces, await faces.world.add_chain())
    assert (await rival.open(path)).status_code == 404
    page = await rival.read_form("/console/coupons")
    assert (await rival.send(path, form | {"csrf": page["csrf"], "nickname": "x"})).status_code == 404


def test_the_form_has_every_attribute_that_the_staff_may_write() -> None:
    written = {key for key, each in STANDARD_ATTRIBUTES.items() if "staff" in each.writers}
    assert {name.partition(".")[0] for name in FIELDS} | {"name", "locale"} == written
