"""Whose page it is: the program stands in the path."""

from kit.database import Connection
from programs.programs_repository import Program, find_program_by_code
from server.problems import not_found


async def find_program_of(conn: Connection, code: str) -> Program:
    """Raises Problem."""
    program = await find_program_by_code(conn, code)
    if program is None:
        raise not_found("program")
    return program
