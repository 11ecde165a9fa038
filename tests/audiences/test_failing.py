"""Which condition keeps a member out: the one that is as the whole is, false or unknown."""

from datetime import UTC, datetime

import msgspec
import pytest

from audiences import tree as t
from audiences.evaluate import judge_of
from audiences.facts import begin_facts
from audiences.failing import explained_judge_of, node_at
from audiences.logic import Verdict
from audiences.moment import Moment
from audiences.views import MemberView
from ids import MemberId, ProgramId, StoreId
from kit.ids import new_id

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
# One visit, no points, and no home store: conditions that hold, that do not, and one that nobody can judge.
HOLDS, FAILS = t.VisitCount(at_least=1), t.PointsHeld(at_least=1)
UNKNOWN = t.HomeStoreIs(is_one_of=[StoreId(new_id())])


def view() -> MemberView:
    facts = begin_facts(MemberId(new_id()), ProgramId(new_id()), NOW)
    return MemberView(facts=msgspec.structs.replace(facts, visits=1))


CASES: dict[str, tuple[t.Tree, Verdict, str]] = {
    "a leaf": (FAILS, False, "tree"),
    "false stands before unknown": (t.AllOf(of=[HOLDS, UNKNOWN, FAILS]), False, "tree.of[2]"),
    "unknown": (t.AllOf(of=[HOLDS, UNKNOWN]), None, "tree.of[1]"),
    "the first of several": (t.AllOf(of=[HOLDS, FAILS, FAILS]), False, "tree.of[1]"),
    "the first unknown": (t.AllOf(of=[UNKNOWN, t.Not(of=UNKNOWN)]), None, "tree.of[0]"),
    "deeper": (t.AllOf(of=[HOLDS, t.AllOf(of=[HOLDS, FAILS])]), False, "tree.of[1].of[1]"),
    "no single one decides": (t.AllOf(of=[HOLDS, t.AnyOf(of=[FAILS, UNKNOWN])]), None, "tree.of[1]"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_condition_that_is_as_the_whole_keeps_the_member_out(name: str) -> None:
    tree, verdict, path = CASES[name]
    member, moment = view(), Moment(NOW, UTC)
    assert judge_of(tree, {})(member, moment) is verdict
    assert explained_judge_of(tree, {})(member, moment) == (verdict, path)
    failing = node_at(tree, path)
    assert failing is not None
    assert judge_of(failing, {})(member, moment) is verdict


@pytest.mark.parametrize(
    ("tree", "path"), [(FAILS, "tree"), (t.AllOf(of=[t.AllOf(of=[HOLDS, FAILS]), FAILS]), "tree.of[0].of[0]")]
)
def test_of_whom_nothing_is_known_everything_is_unknown(tree: t.Tree, path: str) -> None:
    assert explained_judge_of(tree, {})(None, Moment(NOW, UTC)) == (None, path)


def test_no_condition_keeps_out_who_is_in_it() -> None:
    judge = explained_judge_of(t.AllOf(of=[HOLDS, t.Not(of=FAILS)]), {})
    assert judge(view(), Moment(NOW, UTC)) == (True, None)
    # Visits weigh a person up: they are unknown of who has taken their consent back.
    hidden = msgspec.structs.replace(view(), facts=msgspec.structs.replace(view().facts, may_profile=False))
    assert judge(hidden, Moment(NOW, UTC)) == (None, "tree.of[0]")
