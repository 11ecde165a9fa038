"""How the demo shows itself: a live page in a terminal, plain lines anywhere else, and a picture for the README."""

import asyncio
import contextlib
import io
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from devtools.demo.board import Board, Event, Step
from devtools.demo.scenario import Scenario
from kit.clock import utc_now

_REFRESH_EVERY_S = 0.2
# A card's code at the lowest level of error correction is 49 modules wide, and 53 with its margin; two make a line.
_CARD_WIDTH, _CARD_HEIGHT = 55, 29
# The events beside the card, and from where on they tell the place too.
_EVENTS_WIDTH, _WIDE_EVENTS_WIDTH = 52, 72
# The head, the table's own, and the last line, which a terminal would scroll.
_ROWS_ABOVE = 6
_PICTURE_WIDTH, _PICTURE_HEIGHT = 140, 36

CountPushes = Callable[[], int]


class View:
    """Draws a board. Times are those of the shops."""

    def __init__(self, board: Board, scenario: Scenario) -> None:
        self.count_pushes: CountPushes = lambda: 0
        self._board = board
        self._scenario = scenario
        self._zone = ZoneInfo(scenario.time_zone)

    @asynccontextmanager
    async def shown(self, console: Console) -> AsyncIterator[None]:
        """Keep the live page up to date. A console that is no terminal gets plain lines from `print_*` instead."""
        if not console.is_terminal:
            yield
            return
        with Live(console=console, screen=True, auto_refresh=False) as live:
            drawing = asyncio.create_task(self._keep_drawing(live, console))
            try:
                yield
            finally:
                drawing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await drawing

    async def _keep_drawing(self, live: Live, console: Console) -> None:
        while True:
            live.update(self.draw(console.width, console.height), refresh=True)
            await asyncio.sleep(_REFRESH_EVERY_S)

    def save_picture(self, path: Path) -> None:
        """The page as it stands, as an SVG."""
        console = Console(
            record=True, width=_PICTURE_WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
        )
        console.print(self.draw(_PICTURE_WIDTH, _PICTURE_HEIGHT))
        # Without the fonts that it would fetch from elsewhere: a picture in a repository stands by itself.
        path.write_text(re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="./run demo"), flags=re.DOTALL))

    def draw(self, width: int, height: int) -> RenderableType:
        if self._board.base_url is None or not self._board.events:
            return Group(self._head(), self._set_up())
        links = self._links()
        rows = max(3, height - _ROWS_ABOVE - sum(-(-cell_len(link.plain) // width) for link in links))
        has_card = self._board.show_card is not None
        has_card = has_card and width >= _EVENTS_WIDTH + _CARD_WIDTH and rows > _CARD_HEIGHT - 2
        body = Table.grid(expand=True)
        body.add_column(ratio=1)
        events = self._events(rows, width - _CARD_WIDTH if has_card else width)
        if has_card:
            body.add_column(width=_CARD_WIDTH)
            body.add_row(events, self._card())
        else:
            body.add_row(events)
        return Group(self._head(), *links, body)

    def _links(self) -> list[Text]:
        """A line each, without a frame: to be copied whole."""
        return [
            Text(f"{name + ':':<9}{url}", style=f"cyan link {url}", overflow="fold")
            for name, url in self._board.links.items()
        ]

    def _head(self) -> RenderableType:
        line = Text.assemble(("Noren 暖簾", "bold magenta"), f"  {self._spell_time(utc_now())}", no_wrap=True)
        if self._board.base_url is not None:
            line.append_text(Text.assemble("  API docs ", (f"{self._board.base_url}/docs", "bold cyan")))
        return Panel(
            Group(line, self._counts()), title=self._scenario.title, subtitle="Ctrl-C stops it", box=box.ROUNDED
        )

    def _set_up(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for step in self._board.steps:
            table.add_row(*_step_cells(step))
        return table

    def _counts(self) -> RenderableType:
        table = Table.grid(expand=True)
        counts = {**self._board.counts, "pushes": self.count_pushes()}
        cells = []
        for name in self._scenario.counted:
            table.add_column(justify="center")
            cells.append(Text.assemble((f"{counts.get(name, 0):,}", "bold green"), f" {name}"))
        table.add_row(*cells)
        return table

    def _events(self, rows: int, width: int) -> RenderableType:
        has_place = width >= _WIDE_EVENTS_WIDTH
        table = Table(box=None, expand=True, header_style="dim")
        table.add_column("time", width=8, no_wrap=True)
        table.add_column("who", width=16, no_wrap=True)
        if has_place:
            table.add_column("where", width=18, no_wrap=True)
        table.add_column("what", ratio=1, no_wrap=True)
        for event in list(self._board.events)[-rows:]:
            what = Text(event.what, style=_style_of(event.what))
            place = (event.where,) if has_place else ()
            table.add_row(self._spell_time(event.at), event.who, *place, what)
        return table

    def _card(self) -> RenderableType:
        assert self._board.show_card is not None  # where there is a card to be drawn
        code = draw_qr(self._board.show_card())
        return Panel(code, title="a member's card, new every 30 s", width=_CARD_WIDTH, box=box.ROUNDED, padding=0)

    def _spell_time(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime("%H:%M:%S")

    def print_event(self, console: Console, event: Event) -> None:
        console.print(
            f"{self._spell_time(event.at)}  {event.who}  {event.where}  {event.what}", markup=False, soft_wrap=True
        )


def print_step(console: Console, step: Step) -> None:
    number = f"{step.total} " if step.total else ""
    console.print(f"{number}{step.name} ({step.seconds or 0:.1f} s)", markup=False, highlight=False, soft_wrap=True)


@lru_cache(maxsize=1)  # drawn five times a second, and new twice a minute
def draw_qr(code: str) -> Text:
    """A QR code of half blocks, two modules a line, dark on light."""
    rows = [list(row) for row in segno.make_qr(code, error="l", boost_error=False).matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    blocks = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}
    lines = [
        "".join(blocks[bool(a), bool(b)] for a, b in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]
    return Text("\n".join(lines), style="#000000 on #ffffff")


def _step_cells(step: Step) -> tuple[str, str, str]:
    mark = "…" if step.seconds is None else "✓"
    progress = f"{step.done} of {step.total}" if step.total else ""
    return mark, step.name, progress if step.seconds is None else f"{progress} {step.seconds:.1f} s"


_STYLES = {
    "redeems": "bold green",
    "steps in:": "yellow",
    "tries": "red",
    "claims": "blue",
    "counts": "cyan",
    "shows a photo": "red",
    "shows": "cyan",
    "sends a batch": "magenta",
}


def _style_of(what: str) -> str:
    return next((style for start, style in _STYLES.items() if what.startswith(start)), "")
