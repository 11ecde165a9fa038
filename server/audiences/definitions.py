"""The attributes that an audience of a program may ask for: the standard ones, and the program's own."""

from audiences.attributes import AttributeDefinition, Definitions
from ids import ProgramId
from kit.database import Connection
from members import attributes_repository
from members.attributes import STANDARD_ATTRIBUTES, Attribute, StandardAttribute

# A leaf of their own, which counts days and years.
_BY_LEAF = frozenset({"age", "birthday"})


def _standard(attribute: StandardAttribute) -> AttributeDefinition:
    return AttributeDefinition(
        key=attribute.key,
        kind="one_of" if attribute.choices else "text",
        choices=attribute.choice_keys,
        is_profiling=attribute.is_profiling,
        is_own=False,
    )


def _own(attribute: Attribute) -> AttributeDefinition:
    return AttributeDefinition(
        key=attribute.key,
        kind=attribute.kind,
        choices=attribute.choice_keys,
        is_profiling=attribute.is_profiling,
        is_removed=attribute.removed_at is not None,
        is_own=True,
    )


_STANDARD = {key: _standard(each) for key, each in STANDARD_ATTRIBUTES.items() if key not in _BY_LEAF}


async def read_definitions(conn: Connection, program_id: ProgramId) -> Definitions:
    own = await attributes_repository.list_attributes(conn, program_id)
    return {key: _own(attribute) for key, attribute in own.items()} | _STANDARD
