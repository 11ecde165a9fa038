"""A saved audience: a name, and versions of a tree that never change. Pure."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from audiences.attributes import AttributeDefinition
from audiences.tree import Tree
from ids import AudienceId, ProgramId


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """With one of its versions; `changed_at` is that version's. References in the tree name a version each."""

    id: AudienceId
    program_id: ProgramId
    name: str
    version: int
    tree: Tree
    created_at: datetime
    changed_at: datetime


class LoadedAudience(msgspec.Struct, frozen=True):
    """What a version stands for: every reference is replaced. `definitions`: of the attributes that it asks for."""

    tree: Tree
    definitions: Mapping[str, AttributeDefinition]
