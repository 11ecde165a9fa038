"""What a demo can be about: shoppers in Tokyo, or somebody's recorded trace."""

from typing import Protocol

from devtools.demo.board import Board
from devtools.demo.client import Client
from devtools.demo.servers import Program, Servers


class Scenario(Protocol):
    """`counted` names the counts that the view shows.

    `set_up` fills the program's empty database over HTTP; `play` returns when all has been seen.
    """

    @property
    def title(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def counted(self) -> tuple[str, ...]: ...
    @property
    def program(self) -> Program: ...

    async def set_up(self, client: Client, board: Board) -> None: ...
    async def play(self, client: Client, servers: Servers, board: Board) -> None: ...
