"""Who holds something about a person: each package with a `personal_repository`, in the order in which it is erased."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import cards.personal_repository
import channels.personal_repository
import coupons.personal_repository
import geo.personal_repository
import members.personal_repository
import points.personal_repository
import programs.personal_repository
import purchases.personal_repository
import push.personal_repository
import server.web.idempotency_personal
import visits.personal_repository
from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages


class Holder(NamedTuple):
    """`export_member` and `erase_member` of one package; both take a member and all who became them."""

    export_member: Callable[[Connection, Sequence[MemberId]], dict[str, RowPages]]
    erase_member: Callable[[Connection, Sequence[MemberId]], Awaitable[None]]


# A row goes before what it refers to. The members come last: the others find their devices and postings.
HOLDERS = tuple(
    Holder(package.export_member, package.erase_member)
    for package in (
        geo.personal_repository,
        push.personal_repository,
        cards.personal_repository,
        channels.personal_repository,
        visits.personal_repository,
        purchases.personal_repository,
        programs.personal_repository,
        points.personal_repository,
        coupons.personal_repository,
        server.web.idempotency_personal,
        members.personal_repository,
    )
)
