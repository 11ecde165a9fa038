"""Audiences by the pages' forms: conditions and back, the count, versions, removal, and who may what."""

from typing import Any

import msgspec
import pytest

from audiences import tree as t
from server.console.campaigns.tree_form import KINDS, read_tree, rows_of, show_tree
from server.console.campaigns.typed import Typed
from tests.support.faces import ServedFaces
from tests.support.forms import fill_in, read_form
from tests.support.signed_in import sign_in_as

LIST = "/console/audiences"
STORE, CODE = "01923456-789a-7bcd-8ef0-123456789abc", "S1"
LEAF = {"type": "last_visit", "at_least_days": 30}
USED = {"type": "coupon", "state": "used"}
TREES: list[dict[str, Any]] = [
    LEAF,
    {"type": "not", "of": USED},
    {"type": "and", "of": [LEAF, {"type": "not", "of": USED}, {"type": "rank", "is_one_of": ["gold", "silver"]}]},
    {"type": "or", "of": [{"type": "and", "of": [LEAF, USED]}, {"type": "age", "at_least": 20, "at_most": 29}]},
    {"type": "and", "of": [{"type": "or", "of": [LEAF, USED]}, {"type": "visits", "at_least": 3, "within_days": 90}]},
    {"type": "visits", "at_least": 1, "store_ids": [STORE]},
    {"type": "purchases", "measure": "amount", "at_least": 500, "categories": ["tea"], "item_codes": ["a", "b"]},
    {"type": "home_store", "is_one_of": [STORE]},
    {"type": "stamps", "card": "cup", "at_least": 3},
    {"type": "birthday", "at_most_days": 14},
    {"type": "visit_cycle", "at_most_days": 10.5},
    {"type": "area", "center": [139.7, 35.6], "radius_m": 500},
    {"type": "attribute", "key": "job", "starts_with": "nur"},
    {"type": "and", "of": [LEAF, {"type": "or", "of": [USED, {"type": "and", "of": [LEAF, USED]}]}]},
    {"type": "not", "of": {"type": "or", "of": [LEAF, USED]}},
    {"type": "audience", "audience_id": STORE},
    {"type": "tag", "is_one_of": ["with, comma"]},
]


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: str(tree["type"]))
def test_conditions_shown_and_sent_as_they_were_say_the_same(tree: dict[str, Any]) -> None:
    whole = msgspec.to_builtins(msgspec.convert(tree, t.Tree))
    fields = show_tree(whole, {STORE: CODE})
    read = read_tree(Typed(fields), {CODE: STORE})
    assert read.faults == {}
    assert read.tree == msgspec.convert(tree, t.Tree)
    assert rows_of(fields)[-1] == [0], "there is room for one more group"


def test_each_field_is_one_of_the_condition() -> None:
    for kind, fields in KINDS.items():
        leaf = next(each for each in t.Leaf.__args__ if each.__struct_config__.tag == kind)
        assert {key for _, key, _ in fields} <= set(leaf.__struct_fields__)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "g0r0_type"),
        ({"g0r0_type": ["nonsense"]}, "g0r0_type"),
        ({"g0r0_type": ["points"], "g0r0_least": ["many"]}, "g0r0_least"),
        ({"g0r0_type": ["rank"]}, "g0r0_type"),
        ({"g0r0_type": ["points"], "g1r0_type": ["age"], "g1r0_least": ["200"]}, "g1r0_type"),
        ({"g0r0_type": ["visits"], "g0r0_stores": ["nowhere"]}, "g0r0_stores"),
        ({"g0r0_type": ["kept"], "g0r0_kept": ['{"type": "and", "of": []}']}, "g0r0_type"),
        ({"g0r0_type": ["kept"], "g0r0_kept": ["[" * 5000]}, "g0r0_type"),
    ],
)
def test_what_is_wrong_stands_at_its_row(fields: dict[str, list[str]], field: str) -> None:
    read = read_tree(Typed(fields), {})
    assert (read.tree, list(read.faults)) == (None, [field])


async def test_an_audience_is_written_counted_changed_and_removed(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await chain.enrol()
    who = await sign_in_as(faces, chain)
    assert "There are no audiences yet" in (await who.get(LIST)).text
    fields = read_form((await who.get(f"{LIST}/new")).text, "/new")
    typed = fill_in(fields, name="New <b>", g0r0_type="joined", g0r0_most="7")
    counted = await who.post(f"{LIST}/count", typed, **{"HX-Request": "true"})
    assert "<strong>1</strong> of 1 members" in counted.text
    assert "/console/members/" in counted.text
    assert "<strong>1</strong>" in (await who.post(f"{LIST}/count", typed)).text, "without a script"
    more = await who.post(f"{LIST}/new", fill_in(typed, do="more"))
    assert 'name="g0r1_type"' in more.text
    assert (await who.post(f"{LIST}/new", fill_in(typed, name="", do="save"))).status_code == 422
    assert (await who.post(f"{LIST}/new", fill_in(typed, do="save"))).status_code == 303
    (saved,) = (await chain.owner.get("/v1/audiences")).json()["items"]
    assert saved["tree"] == {"type": "joined", "at_least_days": None, "at_most_days": 7}
    listed = (await who.get(LIST)).text
    assert "New &lt;b&gt;" in listed
    assert "a member who joined in the last 7 days" in listed
    path = f"{LIST}/{saved['id']}"
    old = read_form((await who.get(path)).text, saved["id"])
    assert (await who.post(path, fill_in(old, g0r0_most="14"))).status_code == 303
    late = await who.post(path, fill_in(old, g0r0_most="21"))
    assert late.status_code == 422
    assert "Somebody has changed it meanwhile" in late.text
    campaign = await chain.add_campaign(state="draft", name="Uses it", audience_id=saved["id"])
    used = await who.post(f"{path}/removal", old)
    assert "It is in use, by: Uses it" in used.text
    await chain.owner.patch(f"/v1/campaigns/{campaign}", {"audience_id": None})
    await chain.owner.patch(f"/v1/campaigns/{campaign}", {"state": "ended"})
    assert (await who.post(f"{path}/removal", old)).status_code == 303


async def test_who_sees_no_members_counts_crowds_and_writes_none(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    store = await chain.add_store()
    await chain.enrol()
    theirs = (await rival.owner.post("/v1/audiences", {"name": "Theirs", "tree": LEAF})).json()["id"]
    held = (await chain.owner.post("/v1/audiences", {"name": "Ours", "tree": {"type": "points", "at_least": 0}})).json()
    for role, stores in (("store_manager", [store]), ("analyst", [])):
        who = await sign_in_as(faces, chain, role, *stores)  # type: ignore[arg-type]
        fields = read_form((await who.get(f"{LIST}/{held['id']}")).text, held["id"])
        counted = await who.post(f"{LIST}/count", fields, **{"HX-Request": "true"})
        assert "Told in steps of 10" in counted.text
        assert "/console/members/" not in counted.text
        assert (await who.get(f"{LIST}/new")).status_code == 403
        assert (await who.post(f"{LIST}/{held['id']}", fields)).status_code == 403
        assert (await who.get(f"{LIST}/{theirs}")).status_code == 404
