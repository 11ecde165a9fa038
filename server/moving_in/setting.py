"""What an import needs to know of its program, and what a file cannot bring because the program has no place for it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ids import ImportRunId, ProgramId, StampCardId
from imports.columns import Headings, map_headings
from imports.values import plain
from kit.database import Connection
from kit.locales import Locale
from kit.text_files import UnreadableText
from members.attributes_repository import list_attributes
from points import ranks_repository, rules_repository, stamps_repository
from points.ranks import RankRules
from points.rules import NEVER, PointRules
from programs.programs_repository import Program
from server.moving_in.read_profile import ProfileReader
from server.moving_in.read_row import RowReader

_REGION = "JP"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """`now` is the same for all of a run's first attempt; `stamp_card_id`: the program's only one."""

    program_id: ProgramId
    run_id: ImportRunId
    locale: Locale
    zone: ZoneInfo
    points: PointRules | None
    ranks: RankRules | None
    stamp_card_id: StampCardId | None
    profiles: ProfileReader
    now: datetime

    def at(self, day: date | None) -> datetime:
        """At noon of that day in the program's zone, so that it is the same day nearby; None: now."""
        return self.now if day is None else min(self.now, datetime.combine(day, time(12), self.zone))

    def end_of(self, day: date) -> datetime:
        """NEVER where the day is one of the calendar's last: tills write 9999-12-31 for what has no end."""
        if day.year >= NEVER.year - 1:
            return NEVER
        return datetime.combine(day + timedelta(days=1), time(), self.zone)

    def read_headings(self, texts: list[str]) -> Headings:
        """Raises UnreadableText, also where the program has no place for what the file brings."""
        headings = map_headings(texts, self.profiles.columns)
        taken = set(headings.columns)
        names = {column: heading for heading, column in headings.taken.items()}
        if "points" in taken and self.points is None:
            raise UnreadableText(
                f"The file has points ({names['points']}): set the program's rules of points first, or remove the"
                " column."
            )
        if "stamps" in taken and self.stamp_card_id is None:
            raise UnreadableText(
                f"The file has stamps ({names['stamps']}): the program must have one stamp card for them, and no second"
                " one; or remove the column."
            )
        if self.ranks is None:
            columns = [None if column in ("rank", "rank_until") else column for column in headings.columns]
            headings = msgspec.structs.replace(headings, columns=columns)
        return headings

    def open_reader(self, headings: Headings) -> RowReader:
        today = self.now.astimezone(self.zone).date()
        return RowReader(headings, self.profiles, _rank_words(self.ranks), _REGION, today)


async def read_setting(conn: Connection, program: Program, run_id: ImportRunId, now: datetime) -> Setting:
    points = (await rules_repository.read_point_rules(conn, [program.id])).get(program.id)
    ranks = (await ranks_repository.read_rank_rules(conn, [program.id])).get(program.id)
    cards = (await stamps_repository.read_stamp_cards(conn, [program.id])).get(program.id, [])
    zone = ZoneInfo(points.time_zone if points else ranks.time_zone if ranks else program.time_zone)
    attributes = await list_attributes(conn, program.id)
    return Setting(
        program_id=program.id,
        run_id=run_id,
        locale=program.default_locale,
        zone=zone,
        points=points,
        ranks=ranks,
        stamp_card_id=cards[0].id if len(cards) == 1 else None,
        profiles=ProfileReader(attributes.values(), now.astimezone(zone).date()),
        now=now,
    )


def _rank_words(rules: RankRules | None) -> Mapping[str, str]:
    ranks = () if rules is None else rules.ranks
    return {plain(word).casefold(): rank.code for rank in ranks for word in (*rank.name.values(), rank.code)}
