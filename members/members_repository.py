"""Members and their consents. A consent is an appended fact; the newest on each purpose also stands on the member."""

from collections.abc import Sequence
from datetime import datetime

from ids import MemberId, ProgramId
from kit.daily_hours import DailyHours
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from kit.pages import PageRequest
from kit.sql import load_queries
from members.consent import Consent, ConsentPurpose, is_granted
from members.member import Member, MemberListItem, MemberState, NewMember

QUERIES = load_queries(__file__, "members.sql")


async def create_members(conn: Connection, members: Sequence[NewMember]) -> None:
    await conn.execute(
        *QUERIES.insert_members(
            member_id=[member.member_id for member in members],
            program_id=[member.program_id for member in members],
            locale=[member.locale for member in members],
            location_consent=[is_granted(member.consents, "location") or False for member in members],
            push_consent=[is_granted(member.consents, "push") or False for member in members],
            profiling_consent=[is_granted(member.consents, "profiling") or False for member in members],
            email_consent=[is_granted(member.consents, "email") or False for member in members],
            sms_consent=[is_granted(member.consents, "sms") or False for member in members],
            voice_consent=[is_granted(member.consents, "voice") or False for member in members],
            created_at=[member.created_at for member in members],
            enrolled_store_id=[member.enrolled_store_id for member in members],
        )
    )
    await _insert_consents(conn, [(m.member_id, consent) for m in members for consent in m.consents])


async def record_consents(conn: Connection, member_id: MemberId, consents: Sequence[Consent]) -> None:
    """Append them; they count from this transaction's commit on."""
    await conn.execute(
        *QUERIES.set_current_consents(
            member_id=member_id,
            location=is_granted(consents, "location"),
            push=is_granted(consents, "push"),
            profiling=is_granted(consents, "profiling"),
            email=is_granted(consents, "email"),
            sms=is_granted(consents, "sms"),
            voice=is_granted(consents, "voice"),
        )
    )
    await _insert_consents(conn, [(member_id, consent) for consent in consents])


async def list_current_consents(conn: Connection, member_id: MemberId) -> list[Consent]:
    return [Consent(**row) for row in await conn.fetch(QUERIES.list_current_consents, member_id)]


async def list_newest_consents(
    conn: Connection, member_ids: Sequence[MemberId]
) -> dict[tuple[MemberId, ConsentPurpose], Consent]:
    """Of each member and purpose the one that counts."""
    rows = await conn.fetch(QUERIES.list_newest_consents, member_ids)
    return {
        (row["member_id"], row["purpose"]): Consent(**{name: row[name] for name in Consent.__struct_fields__})
        for row in rows
    }


async def has_consented(conn: Connection, member_id: MemberId, purpose: ConsentPurpose) -> bool:
    """By their newest consent on it; without any, no."""
    return bool(await conn.fetchval(QUERIES.find_consent, member_id, purpose))


async def find_member(conn: Connection, member_id: MemberId) -> Member | None:
    row = await conn.fetchrow(QUERIES.find_member, member_id)
    return Member(**row) if row else None


async def find_verified(conn: Connection, member_ids: Sequence[MemberId]) -> set[MemberId]:
    """Those of them who have confirmed a phone number or an e-mail address."""
    return {row["member_id"] for row in await conn.fetch(QUERIES.find_verified, member_ids)}


async def set_locale(conn: Connection, member_id: MemberId, locale: Locale) -> None:
    await conn.execute(QUERIES.set_locale, member_id, locale)


async def set_verified(conn: Connection, member_id: MemberId, now: datetime) -> None:
    await conn.execute(QUERIES.set_verified, member_id, now)


async def change_state(
    conn: Connection, program_id: ProgramId, member_id: MemberId, former: MemberState, state: MemberState, now: datetime
) -> bool:
    """False where the program has no such member in the `former` state."""
    return (
        await conn.fetchval(
            *QUERIES.change_state(
                program_id=program_id,
                member_id=member_id,
                former_state=former,
                state=state,
                now=now,
            )
        )
        is not None
    )


async def list_members(conn: Connection, program_id: ProgramId, page: PageRequest) -> list[MemberListItem]:
    rows = await conn.fetch(QUERIES.list_members, program_id, page.before, page.fetch_count)
    return [MemberListItem(**row) for row in rows]


async def find_listed(conn: Connection, program_id: ProgramId, member_id: MemberId) -> MemberListItem | None:
    """The member as `list_members` has them; None where the program has them no more."""
    row = await conn.fetchrow(QUERIES.find_listed, program_id, member_id)
    return MemberListItem(**row) if row else None


async def list_listed(
    conn: Connection, program_id: ProgramId, member_ids: Sequence[MemberId]
) -> dict[MemberId, MemberListItem]:
    """The same for several; who is no more is absent."""
    rows = await conn.fetch(QUERIES.list_listed, program_id, member_ids)
    return {row["member_id"]: MemberListItem(**row) for row in rows}


async def _insert_consents(conn: Connection, consents: Sequence[tuple[MemberId, Consent]]) -> None:
    await conn.execute(
        *QUERIES.insert_consents(
            member_id=[member_id for member_id, _ in consents],
            id=[new_id() for _ in consents],
            purpose=[consent.purpose for _, consent in consents],
            granted=[consent.granted for _, consent in consents],
            text_version=[consent.text_version for _, consent in consents],
            source=[consent.source for _, consent in consents],
            at=[consent.at for _, consent in consents],
        )
    )


async def find_quiet_hours(conn: Connection, member_id: MemberId) -> DailyHours | None:
    """When they want no phone to ring; None: they have not asked for it."""
    row = await conn.fetchrow(QUERIES.find_quiet_hours, member_id)
    if row is None or row["quiet_start"] is None:
        return None
    return DailyHours(row["quiet_start"], row["quiet_end"])


async def set_quiet_hours(conn: Connection, member_id: MemberId, hours: DailyHours | None) -> None:
    start, end = (None, None) if hours is None else (hours.start, hours.end)
    await conn.execute(QUERIES.set_quiet_hours, member_id, start, end)
