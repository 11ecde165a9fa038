"""Which condition of a tree keeps a member out: where it stands, so that it can be read again later. Pure."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from audiences import tree as t
from audiences.attributes import Definitions
from audiences.evaluate import Judge, judge_of
from audiences.logic import Verdict
from audiences.moment import Moment
from audiences.views import MemberView
from audiences.walk import ROOT, walk

# None stands for a member of whom nothing is known: then everything is unknown. The path is None where no condition
# keeps the member out.
Judgement: TypeAlias = tuple[Verdict, str | None]
ExplainedJudge: TypeAlias = Callable[[MemberView | None, Moment], Judgement]


def explained_judge_of(tree: t.Tree, definitions: Definitions) -> ExplainedJudge:
    """As `evaluate.judge_of`, with the path of the first condition that is as the whole is: false or unknown, not true.

    Of conditions of which one would do, and of one that must not hold, the joint itself: no single leaf decides.
    """
    return partial(_judge, _finder_of(tree, definitions, ROOT), (None, _first_path(tree)))


_Finder: TypeAlias = Callable[[MemberView, Moment], Judgement]


def _judge(find: _Finder, of_nobody: Judgement, view: MemberView | None, moment: Moment) -> Judgement:
    return of_nobody if view is None else find(view, moment)


def _finder_of(tree: t.Tree, definitions: Definitions, path: str) -> _Finder:
    if not isinstance(tree, t.AllOf):
        return partial(_find_alone, judge_of(tree, definitions), path)
    parts = [_finder_of(each, definitions, _path_in(path, place)) for place, each in enumerate(tree.of)]
    return partial(_find_in_all, parts)


def _find_alone(judge: Judge, path: str, view: MemberView, moment: Moment) -> Judgement:
    verdict = judge(view, moment)
    return verdict, None if verdict else path


def _find_in_all(parts: Sequence[_Finder], view: MemberView, moment: Moment) -> Judgement:
    """Kleene's logic (`logic.all_true`), and which of them it was."""
    result: Judgement = True, None
    for find in parts:
        found = find(view, moment)
        if found[0] is False:
            return found
        if found[0] is None and result[0] is True:
            result = found
    return result


def _first_path(tree: t.Tree) -> str:
    path = ROOT
    while isinstance(tree, t.AllOf):
        path, tree = _path_in(path, 0), tree.of[0]
    return path


def _path_in(path: str, place: int) -> str:
    return f"{path}.of[{place}]"


def node_at(tree: t.Tree, path: str) -> t.Tree | None:
    """None where nothing stands there."""
    return next((node for at, _, node in walk(tree) if at == path), None)
