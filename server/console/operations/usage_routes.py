"""Messages by channel, the quota of a day, and what texts and calls have cost."""

from collections.abc import Sequence

from litestar import Controller, Response, get

from kit.clock import utc_now
from kit.database import Connection, connect
from server.console.charts import BarChart, draw_bars
from server.console.operations.usage import ChannelFigures, Quota, read_channels, read_quota
from server.console.operations.usage_words import USAGE_WORDS
from server.console.viewing import Viewing, open_viewing
from server.faces.pages import PageRequest
from server.phone.settings_routes import PhoneSpending, read_spending
from server.web.dependencies import ServicesDependency, SessionDependency


class UsagePageController(Controller):
    path = "/console/usage"

    @get()
    async def show_usage(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        now = utc_now()
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)

        async def read(conn: Connection) -> tuple[Quota, Sequence[ChannelFigures], PhoneSpending | None]:
            return (
                await read_quota(conn, viewing.program, now),
                await read_channels(conn, staff.program_id),
                await read_spending(conn, services.keyring, staff.program_id, now),
            )

        quota, channels, spending = await services.reports.read(read)
        return viewing.show(
            "console/operations/usage.html",
            USAGE_WORDS,
            quota=quota,
            channels=channels,
            spending=spending,
            chart=None if spending is None or not spending.days else _chart(viewing, spending),
        )


def _chart(viewing: Viewing, spending: PhoneSpending) -> BarChart:
    """In whole units of the currency."""
    write, currency, days = viewing.write, spending.currency, spending.days[::-1]
    bars = [
        (write.major(each.spent, currency), f"{write.day(each.day)}: {write.price(each.spent, currency)}")
        for each in days
    ]
    return draw_bars([write.short_day(each.day) for each in days], bars)
