"""Going through a tree: its nodes with the place at which each stands, and its references to other audiences. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from audiences.tree import AllOf, AnyOf, InAudience, Not, Tree
from ids import AudienceId

# An audience and one of its versions, which never changes.
AudienceKey: TypeAlias = tuple[AudienceId, int]
ROOT = "tree"


def walk(tree: Tree, path: str = ROOT) -> Iterator[tuple[str, int, Tree]]:
    """Every node with its path, such as `tree.of[1].of`, and its depth: 1 for the root. In the order of writing."""
    waiting: list[tuple[str, int, Tree]] = [(path, 1, tree)]
    while waiting:
        at, depth, node = waiting.pop()
        yield at, depth, node
        if isinstance(node, AllOf | AnyOf):
            waiting.extend((f"{at}.of[{place}]", depth + 1, each) for place, each in reversed([*enumerate(node.of)]))
        elif isinstance(node, Not):
            waiting.append((f"{at}.of", depth + 1, node.of))


def references_of(tree: Tree) -> list[tuple[str, InAudience]]:
    """With their paths."""
    return [(path, node) for path, _, node in walk(tree) if isinstance(node, InAudience)]


class Extent(NamedTuple):
    """How many nodes a tree stands for, and how deep they lie; a reference counts as one."""

    nodes: int
    depth: int


def measure(
    tree: Tree, audiences: Mapping[AudienceKey, Tree], known: "dict[AudienceKey, Extent] | None" = None
) -> Extent:
    """Before it is resolved: few trees that refer to each other stand for any number of nodes. All are pinned."""
    known = {} if known is None else known
    nodes = deepest = 0
    for _, depth, node in walk(tree):
        inner = Extent(0, 0)
        if isinstance(node, InAudience):
            assert node.version is not None
            key = node.audience_id, node.version
            if key not in known:
                known[key] = measure(audiences[key], audiences, known)
            inner = known[key]
        nodes += 1 + inner.nodes
        deepest = max(deepest, depth + inner.depth)
    return Extent(nodes, deepest)


def pin(tree: Tree, versions: Mapping[AudienceId, int]) -> Tree:
    """The tree with a version in every reference; `versions`: the newest of each audience."""
    if isinstance(tree, AllOf | AnyOf):
        return type(tree)(of=[pin(each, versions) for each in tree.of])
    if isinstance(tree, Not):
        return Not(of=pin(tree.of, versions))
    if isinstance(tree, InAudience) and tree.version is None:
        return InAudience(audience_id=tree.audience_id, version=versions[tree.audience_id])
    return tree


def resolve(tree: Tree, audiences: Mapping[AudienceKey, Tree]) -> Tree:
    """The tree with every reference replaced by what it stands for. All are pinned, so that none leads to itself."""
    if isinstance(tree, AllOf | AnyOf):
        return type(tree)(of=[resolve(each, audiences) for each in tree.of])
    if isinstance(tree, Not):
        return Not(of=resolve(tree.of, audiences))
    if isinstance(tree, InAudience):
        assert tree.version is not None
        return resolve(audiences[tree.audience_id, tree.version], audiences)
    return tree
