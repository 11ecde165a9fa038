"""Where a program's stores are, as passes name them: held by each process until a store of the program changes."""

from cards.apple_pass import PassPlace
from cards.pass_places import PassPlaces
from ids import ProgramId
from kit.database import Connection
from programs.stores_repository import read_places_of_program


class StorePlaces:
    def __init__(self) -> None:
        self._held: dict[ProgramId, tuple[int, PassPlaces]] = {}

    async def of_program(self, conn: Connection, program_id: ProgramId, campaign_version: int) -> PassPlaces:
        """`campaign_version` is the program's, read before: every change of a store bumps it."""
        held = self._held.get(program_id)
        if held is None or held[0] != campaign_version:
            stores = await read_places_of_program(conn, program_id)
            places = PassPlaces([PassPlace(place.lat, place.lon, name) for name, place in stores])
            held = self._held[program_id] = (campaign_version, places)
        return held[1]
