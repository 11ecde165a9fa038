"""`tell_owners_of_bound`: the owners hear by e-mail that so many codes have gone out that no more do."""

from datetime import datetime, timedelta

from channels.deliveries_repository import queue_staff_message
from channels.staff_messages import write_code_bound
from kit.database import Connection
from kit.sealing import Keyring
from members.code_limits import telling_limit
from members.contacts import ContactKind
from members.verifications_repository import count_code
from programs import staff_repository
from programs.programs_repository import Program

# By then the day is over of which it tells.
_LIFE = timedelta(hours=24)


async def tell_owners_of_bound(
    conn: Connection, keyring: Keyring, program: Program, kind: ContactKind, now: datetime
) -> None:
    """Once a day: it is one and the same attack, or one and the same busy day."""
    if (await count_code(conn, program.id, telling_limit(kind), now)).wait:
        return
    for owner in await staff_repository.list_owners(conn, program.id):
        message = write_code_bound(owner.email, program.default_locale, program.name, kind)
        await queue_staff_message(conn, keyring, owner.id, program.id, message, now, now + _LIFE)
