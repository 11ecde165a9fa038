"""Which colour a program's card has on its pages."""

from cards.google_classes_repository import find_google_classes
from ids import ProgramId
from kit.database import Connection
from programs.card_settings import first_colour
from programs.card_settings_repository import find_card_settings


async def find_card_colour(conn: Connection, program_id: ProgramId) -> str | None:
    """None: Noren's own."""
    own = await find_card_settings(conn, program_id)
    held = (await find_google_classes(conn, [program_id])).get(program_id)
    return first_colour(own.colour, None if held is None else held.design.background_color)
