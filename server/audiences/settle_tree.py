"""A tree as somebody sends it, made ready to be saved or counted: checked, and its references pinned and replaced.

Whatever it names must be there, and a fault names the node where it stands.
"""

from collections.abc import Mapping

import msgspec

from audiences import audiences_repository
from audiences import tree as t
from audiences.attributes import AttributeDefinition, Definitions
from audiences.faults import AudienceFault, require_small_resolved, require_sound
from audiences.walk import measure, pin, references_of, resolve, walk
from ids import AudienceId, ProgramId
from kit.database import Connection
from members.attributes import STANDARD_ATTRIBUTES
from members.attributes_repository import lock_attribute
from server.audiences.definitions import read_definitions
from server.audiences.known_names import require_known_names
from server.problems import Problem


class SettledTree(msgspec.Struct, frozen=True, kw_only=True):
    """`pinned`: as it is to be saved. `resolved`: what it stands for. `definitions`: of the attributes in that."""

    pinned: t.Tree
    resolved: t.Tree
    definitions: Mapping[str, AttributeDefinition]


async def settle_tree(
    conn: Connection, program_id: ProgramId, tree: t.Tree, audience_id: AudienceId | None = None
) -> SettledTree:
    """`audience_id`: whose new version it is to be. Raises Problem."""
    try:
        return await _settle(conn, program_id, tree, audience_id)
    except AudienceFault as fault:
        raise invalid_audience(fault) from None


def invalid_audience(fault: AudienceFault) -> Problem:
    return Problem("invalid-audience", f"{fault.path}: {fault.detail}", at=fault.path)


async def _settle(conn: Connection, program_id: ProgramId, tree: t.Tree, audience_id: AudienceId | None) -> SettledTree:
    definitions = await read_definitions(conn, program_id)
    require_sound(tree, definitions)
    await require_known_names(conn, program_id, tree)
    newest = await audiences_repository.lock_newest_versions(
        conn, program_id, [leaf.audience_id for _, leaf in references_of(tree)]
    )
    for path, leaf in references_of(tree):
        if leaf.audience_id not in newest:
            raise AudienceFault(path, "Name an audience of the program that was not removed.")
    pinned = pin(tree, newest)
    audiences = await _read_references(conn, program_id, pinned, audience_id)
    require_small_resolved(measure(pinned, audiences))
    resolved = resolve(pinned, audiences)
    return SettledTree(pinned=pinned, resolved=resolved, definitions=_asked_for(resolved, definitions))


async def _read_references(
    conn: Connection, program_id: ProgramId, pinned: t.Tree, audience_id: AudienceId | None
) -> dict[tuple[AudienceId, int], t.Tree]:
    """All that it refers to; no way leads back to `audience_id`."""
    found: dict[tuple[AudienceId, int], t.Tree] = {}
    for path, leaf in references_of(pinned):
        assert leaf.version is not None
        key = leaf.audience_id, leaf.version
        read = await audiences_repository.read_versions(conn, program_id, [key])
        if key not in read:
            raise AudienceFault(f"{path}.version", "Name a version that the audience has.")
        if audience_id is not None and any(each == audience_id for each, _ in read):
            raise AudienceFault(path, "Refer to no audience that refers to this one: they would stand for nothing.")
        found |= {each: tree for each, (tree, _) in read.items()}
    return found


def _asked_for(tree: t.Tree, definitions: Definitions) -> dict[str, AttributeDefinition]:
    """Also of attributes that an audience referred to asks for, and that were removed since."""
    keys = {node.key for _, _, node in walk(tree) if isinstance(node, t.AttributeIs)}
    return {key: definitions[key] for key in sorted(keys) if key in definitions}


async def require_usable(conn: Connection, program_id: ProgramId, resolved: t.Tree) -> None:
    """No attribute that it asks for was removed, or is before our commit. Raises Problem."""
    own = {node.key for _, _, node in walk(resolved) if isinstance(node, t.AttributeIs)} - STANDARD_ATTRIBUTES.keys()
    for key in sorted(own):
        await lock_attribute(conn, program_id, key)
    definitions = await read_definitions(conn, program_id)
    for path, _, node in walk(resolved):
        if isinstance(node, t.AttributeIs) and (node.key not in definitions or definitions[node.key].is_removed):
            fault = AudienceFault(f"{path}.key", f"Save the audience without the attribute {node.key}: it was removed.")
            raise invalid_audience(fault)


async def settle_saved(conn: Connection, program_id: ProgramId, audience_id: AudienceId, version: int) -> SettledTree:
    """As it was saved. An attribute that was removed since is unknown of everybody."""
    key = audience_id, version
    loaded = (await audiences_repository.load_audiences(conn, program_id, [key]))[key]
    now = await read_definitions(conn, program_id)
    asked_for = {name: now[name] for name in loaded.definitions if name in now}
    return SettledTree(pinned=loaded.tree, resolved=loaded.tree, definitions=asked_for)
