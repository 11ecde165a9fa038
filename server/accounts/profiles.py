"""A member's profile, read and changed: by the member, or by the staff."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.locales import Locale
from members.attribute_values import Birthday, OwnValue, UnusableValue
from members.attributes import Attribute, Writer
from members.attributes_repository import list_attributes
from members.members_repository import find_member
from members.profile import FIELDS, KeptProfile, Profile, ProfileEdit, apply_edit, read_edit
from members.profiles_repository import find_profile, open_profile, upsert_profiles
from server.problems import Problem, not_found

# Nowhere is it later than there.
_EARLIEST_ZONE = timedelta(hours=14)


class MemberProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a member; null: unknown."""

    name: str | None
    """The full name, as it is written."""
    kana: str | None
    """The reading of the name, in katakana."""
    nickname: str | None
    """What they want to be called."""
    birthday: Birthday | None
    """The day, with or without the year."""
    gender: str | None
    """`female`, `male`, `other`, or `undisclosed`."""
    postal_code: str | None
    """Seven digits."""
    prefecture: int | None
    """The prefecture's code (JIS X 0401), 1 to 47."""
    city: str | None
    """The city, ward or town."""
    job: str | None
    """One of the choices of the standard attribute `job`."""
    income_band: str | None
    """One of the choices of the standard attribute `income_band`: yen a year."""
    time_zone: str | None
    """The IANA name of the member's own time zone."""
    locale: Locale
    """The member's language."""
    attributes: Mapping[str, OwnValue]
    """The program's own attributes that are known of them, by key; a day is written as 2026-10-12."""
    version: int
    """Counts the changes; 0: nothing was ever written."""
    updated_at: datetime | None
    """When the profile was last changed; null: never."""


class ProfileRequest(msgspec.Struct, frozen=True):
    """`writer` wants `standard` and `own` to be so; None clears. `version`: only where it still is this one."""

    program_id: ProgramId
    member_id: MemberId
    writer: Writer
    standard: Mapping[str, Any]
    own: Mapping[str, Any]
    version: int | None = None


def earliest_today(now: datetime) -> date:
    """The day it is where the day begins first: no birthday is after it."""
    return (now + _EARLIEST_ZONE).date()


async def read_profile(conn: Connection, program_id: ProgramId, member_id: MemberId, reader: Writer) -> MemberProfile:
    """The staff read everything, the others what they may write. Raises Problem."""
    attributes = await list_attributes(conn, program_id)
    kept = await find_profile(conn, member_id)
    if kept is None:
        kept = KeptProfile(member_id=member_id, program_id=program_id, profile=Profile(), updated_at=None, version=0)
    return await _show(conn, kept, attributes, reader)


async def change_profile(conn: Connection, asked: ProfileRequest, now: datetime) -> MemberProfile:
    """Under the member's lock, which the caller has taken. Raises Problem, and then nothing is to be written.

    What comes to the same as before is no change.
    """
    attributes = await list_attributes(conn, asked.program_id)
    edit = require_edit(asked, attributes, now)
    kept = await open_profile(conn, asked.program_id, asked.member_id, now)
    if asked.version is not None and asked.version != kept.version:
        raise Problem("profile-changed", "Read the profile again: it has been changed since.")
    changed = apply_edit(kept.profile, edit)
    if changed != kept.profile:
        kept = msgspec.structs.replace(kept, profile=changed, updated_at=now, version=kept.version + 1)
        await upsert_profiles(conn, [kept])
    return await _show(conn, kept, attributes, asked.writer)


def require_edit(asked: ProfileRequest, attributes: Mapping[str, Attribute], now: datetime) -> ProfileEdit:
    """Raises Problem."""
    try:
        return read_edit(asked.standard, asked.own, attributes, asked.writer, earliest_today(now))
    except UnusableValue as unusable:
        raise Problem(
            "attribute-unusable",
            f"Correct this and send it again: {unusable.key}: {unusable.reason}.",
            attribute=unusable.key,
        ) from None


async def _show(
    conn: Connection, kept: KeptProfile, attributes: Mapping[str, Attribute], reader: Writer
) -> MemberProfile:
    member = await find_member(conn, kept.member_id)
    if member is None:
        raise not_found("member")
    shown = {
        key
        for key, attribute in attributes.items()
        if attribute.removed_at is None and (reader == "staff" or reader in attribute.writers)
    }
    return MemberProfile(
        **{field: getattr(kept.profile, field) for field in FIELDS},
        locale=member.locale,
        attributes={key: value for key, value in kept.profile.attributes.items() if key in shown},
        version=kept.version,
        updated_at=kept.updated_at,
    )
