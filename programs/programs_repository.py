"""Programs: the tenants. Their version counters tell every process when fences or campaigns have changed."""

from datetime import datetime
from typing import Literal

import msgspec

from ids import ProgramId
from kit.daily_hours import DailyHours
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from kit.sql import load_queries

QUERIES = load_queries(__file__, "programs.sql")
DEFAULT_TIME_ZONE = "Asia/Tokyo"


class Program(msgspec.Struct, frozen=True):
    """One brand's loyalty program: the tenant to which everything else belongs."""

    id: ProgramId
    """The program."""
    code: str
    """What staff and apps type or send to name it; never changed."""
    name: str
    """What shoppers read: the brand's name."""
    default_locale: Locale
    """The language of members who have chosen none."""
    time_zone: str
    """IANA name: by whose clock members live who have told no time zone and have no home store."""
    created_at: datetime
    """When it was set up."""
    version: int = 1
    """Of its name, language, time zone and rules of messages. Send it with a change of them, and nobody else's change
    is lost."""


class EnrolmentSettings(msgspec.Struct, frozen=True):
    """How people join the program."""

    phone_region: str
    """The country (ISO 3166-1) of phone numbers that are typed without a country code."""
    join_url: str | None
    """The link that opens the app. Null: the scheme `noren://join`, for development."""
    app_check_project: str | None
    """The number of the Firebase project whose App Check token an enrolment must carry; null: none."""
    code_hour_cap: int = 500
    """How many one-time codes go out in an hour at most, by text message and by e-mail each."""
    code_day_cap: int = 3000
    """The same in a day."""
    allow_browsers: bool = False
    """Whether browsers, which have no App Check, may enrol all the same. Without `app_check_project` they may."""

    @property
    def may_browsers_join(self) -> bool:
        return self.app_check_project is None or self.allow_browsers


class MessageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the program's messages keep to: see push/governor.py. `day_quota` None: any number.

    `phones`: on which of a member's a push rings. `version`: of the settings that were read; what is written gets the
    next one.
    """

    quiet_hours: DailyHours | None
    day_cap: int
    week_cap: int
    day_quota: int | None
    phones: Literal["latest", "all"]
    version: int = 1


class Versions(msgspec.Struct, frozen=True):
    """`campaign_version` is that of the stores too. Of one program, or the sums over all of them.

    Each grows with every committed change, so a different sum means that something changed.
    """

    fence_version: int
    campaign_version: int


async def create_program(
    conn: Connection, code: str, name: str, default_locale: Locale, now: datetime, time_zone: str = DEFAULT_TIME_ZONE
) -> Program:
    program = Program(ProgramId(new_id()), code, name, default_locale, time_zone, now)
    await conn.execute(
        *QUERIES.insert_program(
            id=program.id,
            code=code,
            name=name,
            default_locale=default_locale,
            time_zone=time_zone,
            now=now,
        )
    )
    return program


async def find_program(conn: Connection, program_id: ProgramId) -> Program | None:
    row = await conn.fetchrow(QUERIES.find_program, program_id)
    return Program(**row) if row else None


async def hold_program(conn: Connection, program_id: ProgramId) -> None:
    """Against its removal, as every row does that refers to it, until the commit."""
    await conn.execute(QUERIES.hold_program, program_id)


async def find_program_by_code(conn: Connection, code: str) -> Program | None:
    row = await conn.fetchrow(QUERIES.find_program_by_code, code)
    return Program(**row) if row else None


async def take_settings_version(conn: Connection, program_id: ProgramId, version: int | None) -> bool:
    """Before the settings are changed in the same transaction. False: they are not of that version any more."""
    return await conn.fetchval(QUERIES.take_settings_version, program_id, version) is not None


async def update_program(
    conn: Connection, program_id: ProgramId, *, name: str | None, default_locale: Locale | None, time_zone: str | None
) -> Program:
    """What is None stays as it is."""
    row = await conn.fetchrow(QUERIES.update_program, program_id, name, default_locale, time_zone)
    if row is None:
        raise LookupError(program_id)
    return Program(**row)


async def demands_second_factor(conn: Connection, program_id: ProgramId) -> bool:
    return bool(await conn.fetchval(QUERIES.find_factor_demand, program_id))


async def set_factor_demand(conn: Connection, program_id: ProgramId, *, is_demanded: bool) -> None:
    """Of everybody who works for it: whoever has none is led to add one."""
    await conn.execute(QUERIES.set_factor_demand, program_id, is_demanded)


async def find_enrolment_settings(conn: Connection, program_id: ProgramId) -> EnrolmentSettings:
    row = await conn.fetchrow(QUERIES.find_enrolment_settings, program_id)
    if row is None:
        raise LookupError(program_id)
    return EnrolmentSettings(**row)


async def update_enrolment_settings(conn: Connection, program_id: ProgramId, settings: EnrolmentSettings) -> None:
    await conn.execute(
        *QUERIES.update_enrolment_settings(
            id=program_id,
            phone_region=settings.phone_region,
            join_url=settings.join_url,
            app_check_project=settings.app_check_project,
            code_hour_cap=settings.code_hour_cap,
            code_day_cap=settings.code_day_cap,
            allow_browsers=settings.allow_browsers,
        )
    )


async def find_message_settings(conn: Connection, program_id: ProgramId) -> MessageSettings:
    row = await conn.fetchrow(QUERIES.find_message_settings, program_id)
    if row is None:
        raise LookupError(program_id)
    return MessageSettings(
        quiet_hours=None if row["quiet_start"] is None else DailyHours(row["quiet_start"], row["quiet_end"]),
        day_cap=row["message_day_cap"],
        week_cap=row["message_week_cap"],
        day_quota=row["message_quota"],
        phones=row["message_phones"],
        version=row["settings_version"],
    )


async def update_message_settings(conn: Connection, program_id: ProgramId, settings: MessageSettings) -> None:
    quiet = settings.quiet_hours
    await conn.execute(
        *QUERIES.update_message_settings(
            id=program_id,
            quiet_start=None if quiet is None else quiet.start,
            quiet_end=None if quiet is None else quiet.end,
            day_cap=settings.day_cap,
            week_cap=settings.week_cap,
            day_quota=settings.day_quota,
            phones=settings.phones,
        )
    )


async def bump_fence_version(conn: Connection, program_id: ProgramId) -> int:
    """Take the next version. The row lock until the commit orders a program's changes by their versions."""
    version: int = await conn.fetchval(QUERIES.bump_fence_version, program_id)
    return version


async def bump_campaign_version(conn: Connection, program_id: ProgramId) -> int:
    """As `bump_fence_version`, for stores, campaigns and rules of visits."""
    version: int = await conn.fetchval(QUERIES.bump_campaign_version, program_id)
    return version


async def read_versions(conn: Connection) -> Versions:
    row = await conn.fetchrow(QUERIES.read_versions)
    assert row is not None
    return Versions(**row)


async def read_versions_of_program(conn: Connection, program_id: ProgramId) -> Versions:
    row = await conn.fetchrow(QUERIES.read_versions_of_program, program_id)
    assert row is not None
    return Versions(**row)


async def read_versions_of_programs(conn: Connection) -> dict[ProgramId, Versions]:
    """By program; those that never had a fence, a store or a campaign are not in it."""
    rows = await conn.fetch(QUERIES.read_versions_of_programs)
    return {row["id"]: Versions(row["fence_version"], row["campaign_version"]) for row in rows}
