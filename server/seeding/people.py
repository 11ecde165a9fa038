"""The members of a chunk, as if they had enrolled: with card, device, presence, consents, number, profile, contacts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from cards import cards_repository
from cards.card import Card
from cards.numbers import new_number
from geo.presences_repository import create_presences
from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_secret
from kit.sealing import Keyring
from kit.sql import load_queries
from members import devices_repository, members_repository
from members.consent import Consent
from members.contacts import seal_contact
from members.device import NewDevice, Platform
from members.handles import hash_handle
from members.handles_repository import reserve_card_numbers
from members.member import NewMember
from members.profile import KeptProfile, Profile
from members.profiles_repository import upsert_profiles
from server.seeding.names import draw_profiles
from server.seeding.scale import Habits, draw_ids
from server.web.tokens import DeviceToken

QUERIES = load_queries(__file__, "seeding.sql")

_CLAIMED_SHARE = 0.4
_PUSH_SHARE = 0.6
_IOS_SHARE = 0.5
# Nobody's: RFC 2606 keeps it for examples.
_MAIL_DOMAIN = "seeded.example"


class Drawn(NamedTuple):
    """A chunk's people, an entry each in everything."""

    habits: Habits
    tokens: Sequence[DeviceToken]
    platforms: Sequence[Platform]
    are_pushed: Sequence[bool]
    are_claimed: Sequence[bool]
    profiles: Sequence[Profile]


def draw_people(habits: Habits, rng: np.random.Generator) -> Drawn:
    """The ids are drawn, and come again for the same chunk; the tokens' secrets are secret."""
    members, devices = draw_ids(habits.joined_ms, rng), draw_ids(habits.joined_ms, rng)
    luck = rng.random((3, len(members)))
    return Drawn(
        habits,
        [
            DeviceToken(MemberId(member), DeviceId(device), new_secret())
            for member, device in zip(members, devices, strict=True)
        ],
        ["ios" if each else "android" for each in luck[0] < _IOS_SHARE],
        (luck[1] < _PUSH_SHARE).tolist(),
        (luck[2] < _CLAIMED_SHARE).tolist(),
        draw_profiles(len(members), datetime.fromtimestamp(habits.joined_ms[0] / 1000, UTC).year, rng),
    )


async def write_people(conn: Connection, keyring: Keyring, program_id: ProgramId, drawn: Drawn) -> None:
    tokens = drawn.tokens
    joined = [datetime.fromtimestamp(ms / 1000, UTC) for ms in drawn.habits.joined_ms.tolist()]
    await members_repository.create_members(
        conn,
        [
            NewMember(
                member_id=token.member_id,
                program_id=program_id,
                locale="ja",
                consents=_consents(at, push=push, profiling=profile.gender is not None),
                created_at=at,
            )
            for token, at, push, profile in zip(tokens, joined, drawn.are_pushed, drawn.profiles, strict=True)
        ],
    )
    await devices_repository.create_devices(
        conn,
        [
            NewDevice(
                member_id=token.member_id,
                id=token.device_id,
                program_id=program_id,
                platform=platform,
                locale="ja",
                token_hash=token.secret_hash,
                created_at=at,
            )
            for token, at, platform in zip(tokens, joined, drawn.platforms, strict=True)
        ],
    )
    await create_presences(conn, [(token.member_id, token.device_id, program_id) for token in tokens])
    number_of = await _give_numbers(conn, keyring, program_id, [token.member_id for token in tokens])
    cards = [
        Card(token.member_id, program_id, number_of[token.member_id], at)
        for token, at in zip(tokens, joined, strict=True)
    ]
    await cards_repository.create_cards(conn, cards)
    known = [
        KeptProfile(member_id=token.member_id, program_id=program_id, profile=profile, updated_at=at, version=1)
        for token, at, profile in zip(tokens, joined, drawn.profiles, strict=True)
        if profile.name is not None
    ]
    await upsert_profiles(conn, known)
    claimed = [token.member_id for token, is_verified in zip(tokens, drawn.are_claimed, strict=True) if is_verified]
    await _give_contacts(conn, keyring, program_id, claimed)


async def _give_contacts(
    conn: Connection, keyring: Keyring, program_id: ProgramId, members: Sequence[MemberId]
) -> None:
    contacts = [seal_contact(keyring, program_id, "email", f"{member_id.hex}@{_MAIL_DOMAIN}") for member_id in members]
    hashes = [contact.value_hash for contact in contacts]
    await conn.execute(
        QUERIES.insert_contacts, program_id, members, hashes, [contact.sealed_value for contact in contacts]
    )


def _consents(at: datetime, *, push: bool, profiling: bool) -> list[Consent]:
    return [
        Consent(purpose="location", granted=True, text_version="1", source="app", at=at),
        Consent(purpose="push", granted=push, text_version="1", source="app", at=at),
        Consent(purpose="profiling", granted=profiling, text_version="1", source="app", at=at),
    ]


async def _give_numbers(
    conn: Connection, keyring: Keyring, program_id: ProgramId, members: Sequence[MemberId]
) -> dict[MemberId, str]:
    """Draw numbers until each member has one that was free."""
    given: dict[MemberId, str] = {}
    while without := [member_id for member_id in members if member_id not in given]:
        drawn = {member_id: new_number() for member_id in without}
        claims = [(program_id, hash_handle(keyring, "card_number", drawn[member]), member) for member in without]
        given |= {member_id: drawn[member_id] for member_id in await reserve_card_numbers(conn, claims)}
    return given
