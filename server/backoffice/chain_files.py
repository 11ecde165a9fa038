"""A chain's file, read apart from the requests, and the fences that it is compared with."""

import asyncio

from geo.chain_rows import UnreadableFile
from geo.chains import Format, ReadChain
from geo.geofence import Fence
from geo.heavy_reading import join_pieces, read_chain_in_pieces
from ids import GeofenceId, ProgramId
from server.problems import Problem
from server.runtime.snapshot import Snapshot
from server.web.services import Services


async def read_chain_file(body: bytes, kind: Format, services: Services) -> ReadChain:
    """In a process of its own: to decode 20 MB holds the interpreter for tenths of a second. Raises Problem."""
    try:
        pieces, notes = await services.apart.run(read_chain_in_pieces, body, kind)
    except UnreadableFile as error:
        raise Problem("invalid-request", str(error)) from error
    return ReadChain(*await asyncio.to_thread(join_pieces, pieces), notes)


async def find_neighbours(services: Services, program_id: ProgramId) -> dict[GeofenceId, tuple[str, Fence]]:
    """All fences of the program, each with its store's code, as this process knows them."""
    return await asyncio.to_thread(_neighbours, services.keeper.current, program_id)


def _neighbours(snapshot: Snapshot, program_id: ProgramId) -> dict[GeofenceId, tuple[str, Fence]]:
    return {
        fence.geofence_id: (snapshot.stores[fence.store_id].code, fence)
        for fence in snapshot.fences.iterate_of(program_id)
        if fence.store_id in snapshot.stores
    }
