"""Which condition of a tree keeps a member out: where it stands, so that it can be read again later. Pure."""

from audiences import tree as t
from audiences.attributes import Definitions
from audiences.evaluate import evaluate
from audiences.logic import Verdict
from audiences.moment import Moment
from audiences.views import MemberView
from audiences.walk import ROOT, walk


def find_failing(
    tree: t.Tree, verdict: Verdict, view: MemberView | None, moment: Moment, definitions: Definitions
) -> str:
    """The path of the first condition that is as the whole is, by its `verdict`: false or unknown, not true.

    Of conditions of which one would do, and of one that must not hold, the joint itself: no single leaf decides.
    """
    path = ROOT
    while isinstance(tree, t.AllOf):
        place, tree = next(
            (place, each) for place, each in enumerate(tree.of) if evaluate(each, view, moment, definitions) is verdict
        )
        path = f"{path}.of[{place}]"
    return path


def node_at(tree: t.Tree, path: str) -> t.Tree | None:
    """None where nothing stands there."""
    return next((node for at, _, node in walk(tree) if at == path), None)
