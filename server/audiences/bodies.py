"""What the API takes and answers of audiences."""

from datetime import datetime
from typing import Annotated

import msgspec

from audiences import audience
from audiences.tree import Tree
from ids import AudienceId
from kit.names import Name
from server.web.fields import Body


class AudienceRequest(Body, frozen=True, kw_only=True):
    """An audience as it is to be."""

    name: Name
    """What the staff call it."""
    tree: Tree
    """The conditions on a member: at most 200 conditions and joints, at most 12 deep."""


class AudienceChange(AudienceRequest, frozen=True, kw_only=True):
    """An audience as it is to be, over the version that you have read."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    """The version that you have read. The change makes the next one; campaigns keep the one that they name."""


class Audience(AudienceRequest, frozen=True, kw_only=True):
    """An audience as it is. Its references to other audiences name a version each."""

    id: AudienceId
    """The audience."""
    version: int
    """The version of the tree; the first is 1."""
    created_at: datetime
    """When the audience was first written."""
    changed_at: datetime
    """When this version was."""


class AudienceCountRequest(Body, frozen=True, kw_only=True):
    """What to count: a tree, or a saved audience."""

    tree: Tree | None = None
    """A draft. Null: give audience_id."""
    audience_id: AudienceId | None = None
    """A saved audience. Null: give a tree."""
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Of the saved audience: which version. Null: the newest."""


def view_audience(held: audience.Audience) -> Audience:
    return Audience(
        id=held.id,
        name=held.name,
        version=held.version,
        tree=held.tree,
        created_at=held.created_at,
        changed_at=held.changed_at,
    )
