"""Phones with card keys in a seeded database, tills to show them at, and scans as bytes: a whole HTTP request each.

Keys and certificates are real, but written as rows: registering each over its route would take most of a run.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_bytes

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.answers import Judge, expect_http
from cards.certificates import expand_public_key, hash_certificate, issue_certificate, make_serial
from cards.rotating_codes import CODE_DIGITS, step_of
from cards.signing_keys import make_signing_key, open_signing_key
from cards.signing_keys_repository import create_signing_key, list_signing_keys
from devtools.card.phone import ReferencePhone
from ids import DeviceId, MemberId, ProgramId, TillId
from kit.ids import new_id, new_secret
from kit.sealing import Keyring
from kit.sql import load_queries
from programs.tills_repository import Till, create_till
from server.web.tokens import TillKey, write_token

QUERIES = load_queries(__file__, "scan.sql")

SCANNED: Judge = expect_http(b'{"scan_id":', status=201)

_BODY = b'{"card":"%b"}'
_CHUNK = 10_000
_TILLS = 300
# Codes are made for a moment in the middle of the measurement: a code is good for a step before and after its own.
_MADE_AHEAD = timedelta(seconds=25)


class CardPhones:
    """Every scan is of another phone's fresh code, at another till; a phone comes again when all others have been."""

    def __init__(self, phones: Sequence[ReferencePhone], tills: Sequence[TillKey]) -> None:
        self.till_ids = [till.till_id for till in tills]
        self._phones = phones
        self._last_steps = [0] * len(phones)
        self._heads = [_head(write_token(till)) for till in tills]
        self._turn = 0

    def write_scans(self, count: int, now: datetime) -> list[bytes]:
        """So many requests, or as many as there are phones whose newest code was not of this step."""
        step = step_of(now + _MADE_AHEAD)
        requests: list[bytes] = []
        for _ in range(min(count, len(self._phones))):
            lap, place = divmod(self._turn, len(self._phones))
            self._turn += 1
            if self._last_steps[place] >= step:
                continue
            self._last_steps[place] = step
            # On its next lap a phone comes to another till, and so to another store: a visit again.
            head = self._heads[(self._turn + lap) % len(self._heads)]
            requests.append(head + _BODY % self._phones[place].make_code_of_step(step).encode())
        return requests


async def found_phones(
    connection: "asyncpg.Connection[asyncpg.Record]", program_id: ProgramId, count: int, now: datetime
) -> CardPhones:
    """None: the program's own signing key is left to the server then, so that it can sign cards."""
    if not count:
        return CardPhones([], [])
    signing_key, key_id = await _make_signing_key(connection, program_id, now)
    devices = await connection.fetch(QUERIES.draw_devices, program_id, count)
    phones = [_make_phone(row["member_id"], row["device_id"], signing_key, key_id, now) for row in devices]
    for start in range(0, len(phones), _CHUNK):
        chunk = phones[start : start + _CHUNK]
        await connection.execute(
            *QUERIES.insert_card_keys(
                member_id=[phone.member_id for phone in chunk],
                serial=[make_serial(phone.member_id, phone.public_key) for phone in chunk],
                device_id=[phone.device_id for phone in chunk],
                public_key=[phone.public_key for phone in chunk],
                expanded_key=[expand_public_key(phone.public_key) for phone in chunk],
                certificate_hash=[hash_certificate(phone.certificate) for phone in chunk],
                program_id=program_id,
                now=now,
            )
        )
    return CardPhones(phones, await _open_tills(connection, program_id, now))


async def _make_signing_key(
    connection: "asyncpg.Connection[asyncpg.Record]", program_id: ProgramId, now: datetime
) -> tuple[Ed25519PrivateKey, bytes]:
    """One more of the program's. Servers only ask for its public half, whatever secret seals the other one."""
    taken = {key.key_id for key in (await list_signing_keys(connection, [program_id]))[program_id]}
    keyring = Keyring(token_bytes(32))
    key = make_signing_key(keyring, program_id, taken, now, now)
    await create_signing_key(connection, key)
    return open_signing_key(keyring, key), key.key_id


async def _open_tills(
    connection: "asyncpg.Connection[asyncpg.Record]", program_id: ProgramId, now: datetime
) -> list[TillKey]:
    keys = []
    for row in await connection.fetch(QUERIES.draw_stores, program_id, _TILLS):
        key = TillKey(TillId(new_id()), new_secret())
        await create_till(connection, Till(key.till_id, program_id, row["id"], "Bench", now, None), key.secret)
        keys.append(key)
    return keys


def _make_phone(
    member_id: MemberId, device_id: DeviceId, signing_key: Ed25519PrivateKey, key_id: bytes, now: datetime
) -> ReferencePhone:
    phone = ReferencePhone(member_id, device_id)
    phone.certificate = issue_certificate(signing_key, key_id, member_id, phone.public_key, now).to_bytes()
    return phone


def _head(token: str) -> bytes:
    """All but the body, which is as long for every code."""
    lines = (
        "POST /v1/scans HTTP/1.1",
        "host: localhost",
        f"authorization: Bearer {token}",
        "content-type: application/json",
        f"content-length: {len(_BODY % b'') + CODE_DIGITS}",
        "",
        "",
    )
    return "\r\n".join(lines).encode()
