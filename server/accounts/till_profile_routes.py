"""What a till writes of a member: attributes of the program's own that it may write, beside a scan of their card."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from ids import MemberId, ScanId
from kit.database import Connection
from members.aliases_repository import lock_active_member
from members.attribute_values import OwnValue as Kept
from members.attributes import MAX_ATTRIBUTES
from server.accounts.profile_routes import OwnValue
from server.accounts.profiles import ProfileRequest, change_profile
from server.purchases.purchase import ScanReference, find_scan
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, TillDependency
from server.web.fields import Body
from server.web.writes import write

# For as long as a visit may last.
MAX_SCAN_AGE = timedelta(hours=24)


class ScannedAttributes(Body, frozen=True, kw_only=True):
    """What the till has learnt of somebody whose card it has scanned."""

    member_id: MemberId
    """As the scan answered it."""
    scan_id: ScanId
    """A scan of this store, at most 24 hours ago."""
    attributes: Annotated[dict[str, OwnValue], msgspec.Meta(min_length=1, max_length=MAX_ATTRIBUTES)]
    """By their keys; null clears. Only attributes that tills may write; those that are not named stay as they are."""


class TillAttributes(msgspec.Struct, frozen=True):
    """What tills may write of the member, as it is now."""

    member_id: MemberId
    """The id of the member."""
    attributes: Mapping[str, Kept]
    """By their keys; what is not known is absent."""


class TillProfileController(Controller):
    path = "/v1/scans/attributes"
    tags = ("Till",)

    @post(
        operation_id="writeAttributes", summary="Write attributes of a member whose card was scanned", status_code=200
    )
    async def write_attributes(
        self, data: JSONBody[ScannedAttributes], request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[TillAttributes]:
        async def work(conn: Connection, now: datetime) -> TillAttributes:
            await lock_active_member(conn, data.member_id)  # `find_scan` knows only active ones
            await find_scan(conn, till, ScanReference(data.member_id, data.scan_id), now, max_age=MAX_SCAN_AGE)
            asked = ProfileRequest(till.program_id, data.member_id, "till", {}, data.attributes)
            return TillAttributes(data.member_id, (await change_profile(conn, asked, now)).attributes)

        return await write(request, services, work)
