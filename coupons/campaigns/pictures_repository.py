"""Campaigns' pictures: what phones load, by a name that is made of the content.

Only changes of one program's campaigns write here, and they come one after another (the program's campaign version).
"""

from datetime import datetime, timedelta

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.picture_files import Picture
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "pictures.sql")

# A push names the picture that its campaign had, and may wait for its phone for 28 days (push.messages).
KEPT_UNSHOWN = timedelta(days=30)


class StoredPicture(msgspec.Struct, frozen=True):
    media_type: str
    content: bytes


async def show_picture(conn: Connection, campaign: Campaign, picture: Picture, version: int, now: datetime) -> None:
    """From now on the campaign's. The one before stays for `KEPT_UNSHOWN`: pushes that are on their way name it."""
    columns = msgspec.structs.asdict(picture)
    await conn.execute(*QUERIES.store_picture(program_id=campaign.program_id, now=now, **columns))
    await conn.execute(QUERIES.set_picture, campaign.id, picture.name, version)
    if campaign.picture_name not in (None, picture.name):
        await conn.execute(QUERIES.let_go, campaign.program_id, campaign.picture_name, now)


async def remove_picture(conn: Connection, campaign: Campaign, version: int) -> None:
    """It is gone at once, unless another campaign of the program shows the same."""
    await conn.execute(QUERIES.set_picture, campaign.id, None, version)
    await conn.execute(QUERIES.delete_unshown, campaign.program_id, campaign.picture_name)


async def find_picture(conn: Connection, name: str) -> StoredPicture | None:
    row = await conn.fetchrow(QUERIES.find_picture, name)
    return StoredPicture(**row) if row else None


async def purge_unused_pictures(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_unshown, now - KEPT_UNSHOWN)
