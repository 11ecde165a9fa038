"""A program's LINE channel, for routes that make no sense without one."""

from channels.line.line_channels_repository import LineChannelRow, find_channel
from ids import ProgramId
from kit.database import Connection
from server.problems import Problem


async def require_channel(conn: Connection, program_id: ProgramId) -> LineChannelRow:
    """Raises Problem."""
    channel = await find_channel(conn, program_id)
    if channel is None:
        raise Problem("line-not-configured", "The program's owner connects its LINE channel by PUT /v1/program/line.")
    return channel


async def require_login_channel(conn: Connection, program_id: ProgramId) -> str:
    """The channel id of the program's LIFF or MINI App. Raises Problem."""
    channel = await require_channel(conn, program_id)
    if channel.login_channel_id is None:
        raise Problem(
            "line-not-configured", "The program's owner sets login_channel_id by PUT /v1/program/line for that."
        )
    return channel.login_channel_id
