"""`enrol`: a new member with a card, a device and its presence, all at once: none is ever without the others."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cards import cards_repository, numbers
from cards.cards_repository import Card
from geo.presences_repository import create_presences
from kit.database import Connection
from kit.ids import new_id, new_secret
from kit.sealing import Keyring
from members import devices_repository, handles_repository, members_repository
from members.devices_repository import NewDevice, Platform
from members.members_repository import Consent, Locale, NewMember
from programs.programs_repository import Program, find_program_by_code
from server.handles import hash_handle
from server.idempotency import Answer, Claim
from server.problems import Problem
from server.tokens import DeviceToken, write_token


class EnrolCommand(msgspec.Struct, frozen=True):
    """Somebody joins the program of this code. `locale` None takes the program's."""

    program_code: str
    platform: Platform
    locale: Locale | None
    consents: Sequence[Consent]
    claim: Claim | None
    now: datetime


class CardView(msgspec.Struct, frozen=True):
    """Thirteen digits that identify. The code that proves the card comes from the phone's key: POST /v1/me/card/key."""

    number: str


class Enrolled(msgspec.Struct, frozen=True):
    """The device token is told this once and never again."""

    member_id: UUID
    device_id: UUID
    device_token: str
    card: CardView


class _Joining(msgspec.Struct, frozen=True):
    program_id: UUID
    locale: Locale
    command: EnrolCommand
    member_id: UUID
    device_id: UUID
    secret: bytes


async def enrol(conn: Connection, keyring: Keyring, commands: Sequence[EnrolCommand]) -> Sequence[Answer | Exception]:
    codes = {command.program_code for command in commands}
    programs = {code: await find_program_by_code(conn, code) for code in sorted(codes)}
    joining = [_join(command, programs[command.program_code]) for command in commands]
    new = [person for person in joining if isinstance(person, _Joining)]
    if new:
        await members_repository.create_members(conn, [_member(person) for person in new])
        await devices_repository.create_devices(conn, [_device(person) for person in new])
        await create_presences(conn, [(person.member_id, person.device_id, person.program_id) for person in new])
    number_of = await _give_numbers(conn, keyring, new)
    await cards_repository.create_cards(
        conn, [Card(p.member_id, p.program_id, number_of[p.member_id], 1, p.command.now) for p in new]
    )
    return [
        person if isinstance(person, Problem) else _enrolled(person, number_of[person.member_id]) for person in joining
    ]


def _join(command: EnrolCommand, program: Program | None) -> _Joining | Problem:
    if program is None:
        return Problem("not-found", "There is no program of this code; take the one that the program's owner gave you.")
    locale = command.locale or program.default_locale
    return _Joining(program.id, locale, command, new_id(), new_id(), new_secret())


def _member(person: _Joining) -> NewMember:
    return NewMember(person.member_id, person.program_id, person.locale, person.command.consents, person.command.now)


def _device(person: _Joining) -> NewDevice:
    token = DeviceToken(person.member_id, person.device_id, person.secret)
    return NewDevice(
        person.member_id,
        person.device_id,
        person.program_id,
        person.command.platform,
        person.locale,
        token.secret_hash,
        person.command.now,
    )


async def _give_numbers(conn: Connection, keyring: Keyring, new: Sequence[_Joining]) -> dict[UUID, str]:
    """Draw numbers until each member has one that was free."""
    given: dict[UUID, str] = {}
    without = list(new)
    while without:
        drawn = {person.member_id: numbers.new_number() for person in without}
        claims = [(p.program_id, hash_handle(keyring, "card_number", drawn[p.member_id]), p.member_id) for p in without]
        lucky = await handles_repository.claim_card_numbers(conn, claims)
        given |= {member_id: drawn[member_id] for member_id in lucky}
        without = [person for person in without if person.member_id not in lucky]
    return given


def _enrolled(person: _Joining, number: str) -> Answer:
    body = Enrolled(
        person.member_id,
        person.device_id,
        write_token(DeviceToken(person.member_id, person.device_id, person.secret)),
        CardView(number),
    )
    return Answer(201, msgspec.json.encode(body))
