"""The phones' keys: one live key a card. Revocations are numbered in a program, so that a till asks for newer ones."""

from collections.abc import Collection
from datetime import datetime

from cards.card_key import CardKey, Revocation, RevocationCause, Revocations
from cards.certificates import LIFE, Certificate, hash_certificate
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "card_keys.sql")


async def lock_card(conn: Connection, member_id: MemberId) -> str | None:
    """The number of the active card, if there is one; until the commit nobody else registers or revokes a key of it."""
    number: str | None = await conn.fetchval(QUERIES.lock_card, member_id)
    return number


async def list_keys_of_member(conn: Connection, member_id: MemberId) -> list[CardKey]:
    return [CardKey(**row) for row in await conn.fetch(QUERIES.list_keys_of_member, member_id)]


async def find_live_key(conn: Connection, member_id: MemberId) -> CardKey | None:
    return next((key for key in await list_keys_of_member(conn, member_id) if key.revoked_at is None), None)


async def find_card_keys(
    conn: Connection, serials: Collection[tuple[MemberId, bytes]]
) -> dict[tuple[MemberId, bytes], CardKey]:
    """By member and serial, revoked ones too."""
    rows = await conn.fetch(
        QUERIES.find_card_keys, [member_id for member_id, _ in serials], [serial for _, serial in serials]
    )
    return {(row["member_id"], row["serial"]): CardKey(**row) for row in rows}


async def create_card_key(conn: Connection, key: CardKey) -> None:
    await conn.execute(
        *QUERIES.insert_card_key(
            member_id=key.member_id,
            serial=key.serial,
            program_id=key.program_id,
            card_number=key.card_number,
            device_id=key.device_id,
            public_key=key.public_key,
            expanded_key=key.expanded_key,
            registered_at=key.registered_at,
            stands_at=key.stands_at,
        )
    )


async def note_certificate(conn: Connection, certificate: Certificate) -> None:
    """As the newest of its key."""
    hashed = hash_certificate(certificate.to_bytes())
    await conn.execute(QUERIES.note_certificate, certificate.member_id, certificate.serial, hashed)


async def revoke_card_key(conn: Connection, key: CardKey, cause: RevocationCause, now: datetime) -> None:
    """With the card locked. The program's next number stays locked until the commit, so that no till misses one."""
    sequence = await conn.fetchval(QUERIES.next_revocation, key.program_id)
    await conn.execute(
        *QUERIES.revoke_card_key(
            member_id=key.member_id,
            serial=key.serial,
            now=now,
            cause=cause,
            sequence=sequence,
        )
    )


async def list_revocations(conn: Connection, program_id: ProgramId, since: int, now: datetime) -> Revocations:
    """Those that still matter; from the first where `since` is a number that we never gave."""
    sequence: int = await conn.fetchval(QUERIES.read_revocation_sequence, program_id) or 0
    after = since if since <= sequence else 0
    rows = await conn.fetch(QUERIES.list_revocations, program_id, now - LIFE, after, sequence)
    return Revocations(sequence, [Revocation(row["serial"], row["revoked_at"] + LIFE) for row in rows])


async def prove_step(conn: Connection, member_id: MemberId, serial: bytes, step: int) -> bool:
    """Use a code up as a proof. False where it, or a later one, was used before, or the key is revoked."""
    return await conn.fetchval(QUERIES.prove_step, member_id, serial, step) is not None


async def purge_revoked_serials(conn: Connection, now: datetime) -> None:
    """Of erased members, when no certificate of theirs can be good any more."""
    await conn.execute(QUERIES.purge_revoked_serials, now - LIFE)
