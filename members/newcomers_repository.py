"""Many members who are new, at once: rows that no other transaction can see or have written, by COPY."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from ids import MemberId, ProgramId
from kit.copying import copy_rows
from kit.database import Connection
from kit.ids import new_id
from members.consent import is_granted
from members.handles import HandleKind
from members.member import NewMember
from members.profile import KeptProfile
from members.profiles_repository import PLAIN_FIELDS, search_keys, write_attributes


class HandleTaken(Exception):
    """Somebody has got one of the numbers meanwhile. The transaction is over, and to be run once more."""


async def add_members(conn: Connection, members: Sequence[NewMember]) -> None:
    """With their consents."""
    await copy_rows(
        conn,
        "members",
        (
            "member_id",
            "program_id",
            "state",
            "locale",
            "location_consent",
            "push_consent",
            "profiling_consent",
            "email_consent",
            "sms_consent",
            "voice_consent",
            "created_at",
            "enrolled_store_id",
        ),
        [
            (
                each.member_id,
                each.program_id,
                "active",
                each.locale,
                is_granted(each.consents, "location") or False,
                is_granted(each.consents, "push") or False,
                is_granted(each.consents, "profiling") or False,
                is_granted(each.consents, "email") or False,
                is_granted(each.consents, "sms") or False,
                is_granted(each.consents, "voice") or False,
                each.created_at,
                each.enrolled_store_id,
            )
            for each in members
        ],
    )
    await copy_rows(
        conn,
        "consents",
        ("member_id", "id", "purpose", "granted", "text_version", "source", "at"),
        [
            (member.member_id, new_id(), each.purpose, each.granted, each.text_version, each.source, each.at)
            for member in members
            for each in member.consents
        ],
    )


async def add_numbers(
    conn: Connection, program_id: ProgramId, handles: Sequence[tuple[HandleKind, bytes, MemberId]]
) -> None:
    """(kind, hash, member_id) each, of numbers that led to nobody. Raises HandleTaken."""
    rows = [(program_id, *handle) for handle in sorted(handles)]
    try:
        await copy_rows(conn, "handles", ("program_id", "kind", "value_hash", "member_id"), rows)
    except asyncpg.UniqueViolationError as error:
        raise HandleTaken from error


async def add_profiles(conn: Connection, kept: Sequence[KeptProfile]) -> None:
    columns = (
        *("member_id", "program_id", "updated_at", "version", "name_key", "name_grams", "kana_key", "attributes"),
        *("birth_year", "birth_month", "birth_day", *PLAIN_FIELDS),
    )
    await copy_rows(conn, "profiles", columns, [_profile_row(each) for each in kept])


async def add_tags_of_file(
    conn: Connection, program_id: ProgramId, tags: Mapping[MemberId, Sequence[str]], now: datetime
) -> None:
    rows = [(member_id, program_id, tag, "import", now) for member_id, of_member in tags.items() for tag in of_member]
    await copy_rows(conn, "member_tags", ("member_id", "program_id", "tag", "set_by", "tagged_at"), rows)


def _profile_row(kept: KeptProfile) -> tuple[object, ...]:
    profile, birthday = kept.profile, kept.profile.birthday
    return (
        kept.member_id,
        kept.program_id,
        kept.updated_at,
        kept.version,
        *search_keys(kept),
        write_attributes(profile),
        *((None, None, None) if birthday is None else (birthday.year, birthday.month, birthday.day)),
        *(getattr(profile, field) for field in PLAIN_FIELDS),
    )
