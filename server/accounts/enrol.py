"""`enrol`: a new member with a card, a device and its presence, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from audiences.facts_repository import open_facts
from cards import cards_repository, numbers
from cards.card import Card
from geo.presences_repository import create_presences
from ids import DeviceId, MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.ids import new_id, new_secret
from kit.locales import Locale
from kit.sealing import Keyring
from members import devices_repository, handles_repository, members_repository
from members.consent import Consent
from members.device import NewDevice, Platform
from members.handles import hash_handle
from members.invitations_repository import Invitation, find_open_invitations, use_invitations
from members.member import NewMember
from members.opt_ins_repository import open_opt_ins
from programs.mail_settings_repository import list_double_opt_in
from programs.programs_repository import (
    EnrolmentSettings,
    Program,
    find_enrolment_settings,
    find_program_by_code,
)
from programs.stores_repository import find_programs_of_stores
from server.accounts.invitation_links import hash_invitation_token
from server.problems import Problem
from server.runtime.app_check import Attestation
from server.web.idempotency import Answer, IdempotencyKey
from server.web.tokens import DeviceToken, write_token


class EnrolCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody joins the program of this code. `locale` None takes the program's.

    `store_id` is where they came to it: the store of the poster or link. It may have closed since. `invitation` is the
    token of a link that is theirs alone; it names the store. `app_version` is that of the app that asks.
    """

    program_code: str
    platform: Platform
    locale: Locale | None
    consents: Sequence[Consent]
    idempotency_key: IdempotencyKey | None
    now: datetime
    app_version: str | None = None
    store_id: StoreId | None = None
    invitation: str | None = None
    attestation: Attestation | None = None


class EnrolledCard(msgspec.Struct, frozen=True):
    """The new member's card. The code that proves it comes from the phone's own key: POST /v1/me/card/key."""

    number: str
    """Thirteen digits (an EAN-13), which identify the member and prove nothing."""


class EnrolmentResult(msgspec.Struct, frozen=True):
    """The new member, and the credential of their device."""

    member_id: MemberId
    """The id of the member."""
    device_id: DeviceId
    """The id of this device."""
    device_token: str
    """The bearer token of this device. It is sent only in this answer: store it."""
    card: EnrolledCard
    """The new card."""


class _Joining(msgspec.Struct, frozen=True, kw_only=True):
    program_id: ProgramId
    locale: Locale
    command: EnrolCommand
    store_id: StoreId | None
    member_id: MemberId
    device_id: DeviceId
    secret: bytes


async def enrol(conn: Connection, keyring: Keyring, commands: Sequence[EnrolCommand]) -> Sequence[Answer | Exception]:
    codes = {command.program_code for command in commands}
    programs = {code: await find_program_by_code(conn, code) for code in sorted(codes)}
    settings = {p.id: await find_enrolment_settings(conn, p.id) for p in programs.values() if p is not None}
    owners = await _find_owners(conn, commands)
    invitations = await _find_invitations(conn, commands)
    joining = [_join(command, programs[command.program_code], settings, owners, invitations) for command in commands]
    new = [person for person in joining if isinstance(person, _Joining)]
    if new:
        await _create_members(conn, new)
        await devices_repository.create_devices(conn, [_device(person) for person in new])
        await create_presences(conn, [(person.member_id, person.device_id, person.program_id) for person in new])
    number_of = await _give_numbers(conn, keyring, new)
    await cards_repository.create_cards(
        conn, [Card(p.member_id, p.program_id, number_of[p.member_id], p.command.now) for p in new]
    )
    await open_facts(conn, [person.member_id for person in new])
    await _use_invitations(conn, new)
    return [
        person if isinstance(person, Problem) else _enrolled(person, number_of[person.member_id]) for person in joining
    ]


async def _find_owners(conn: Connection, commands: Sequence[EnrolCommand]) -> dict[StoreId, ProgramId]:
    """The program of each store that brought somebody."""
    store_ids = [command.store_id for command in commands if command.store_id is not None]
    return await find_programs_of_stores(conn, store_ids) if store_ids else {}


async def _find_invitations(conn: Connection, commands: Sequence[EnrolCommand]) -> dict[bytes, Invitation]:
    """Those that can be used."""
    hashes = [hash_invitation_token(each.invitation) for each in commands if each.invitation is not None]
    return dict(await find_open_invitations(conn, hashes, commands[0].now)) if hashes else {}


async def _use_invitations(conn: Connection, new: Sequence[_Joining]) -> None:
    """Raises Problem where somebody else was faster, in this batch or beside it: nothing of the batch is written then,
    and each of its commands is run by itself.
    """
    used = [(hash_invitation_token(p.command.invitation), p.member_id) for p in new if p.command.invitation is not None]
    if used and len(await use_invitations(conn, used, new[0].command.now)) < len(used):
        raise _invitation_over()


def _invitation_over() -> Problem:
    return Problem("invitation-over", "Join without the invitation; it has been used, or is too old.")


def _join(
    command: EnrolCommand,
    program: Program | None,
    settings: Mapping[ProgramId, EnrolmentSettings],
    owners: Mapping[StoreId, ProgramId],
    invitations: Mapping[bytes, Invitation],
) -> _Joining | Problem:
    if program is None:
        return Problem("not-found", "There is no program of this code; take the one that the program's owner gave you.")
    refusal = _check_app(command, settings[program.id])
    if refusal is not None:
        return refusal
    if command.store_id is not None and owners.get(command.store_id) != program.id:
        return Problem("store-unknown", "Name a store of the program in store_id, or none.")
    store_id = command.store_id
    if command.invitation is not None:
        invitation = invitations.get(hash_invitation_token(command.invitation))
        if invitation is None or invitation.program_id != program.id:
            return _invitation_over()
        store_id = invitation.store_id
    locale = command.locale or program.default_locale
    return _Joining(
        program_id=program.id,
        locale=locale,
        command=command,
        store_id=store_id,
        member_id=MemberId(new_id()),
        device_id=DeviceId(new_id()),
        secret=new_secret(),
    )


def _check_app(command: EnrolCommand, settings: EnrolmentSettings) -> Problem | None:
    attestation, project = command.attestation, settings.app_check_project
    if project is None or (command.platform == "web" and settings.may_browsers_join):
        return None
    if attestation is not None and attestation.project is None and attestation.problem is not None:
        return attestation.problem
    if attestation is None or attestation.project != project:
        return Problem("app-check-failed", "Send an App Check token of the program's own app.")
    return None


async def _create_members(conn: Connection, new: Sequence[_Joining]) -> None:
    """A yes to e-mail waits for its confirmation, where the program asks for that."""
    asking = await list_double_opt_in(conn, {person.program_id for person in new})
    held = [
        (person.member_id, person.program_id, consent.text_version, consent.at)
        for person in new
        for consent in person.command.consents
        if person.program_id in asking and consent.purpose == "email" and consent.granted
    ]
    waiting = {member_id for member_id, *_ in held}
    await members_repository.create_members(conn, [_member(person, person.member_id in waiting) for person in new])
    await open_opt_ins(conn, held)


def _member(person: _Joining, is_email_held: bool) -> NewMember:
    command = person.command
    return NewMember(
        member_id=person.member_id,
        program_id=person.program_id,
        locale=person.locale,
        consents=[each for each in command.consents if not (is_email_held and each.purpose == "email")],
        created_at=command.now,
        enrolled_store_id=person.store_id,
    )


def _device(person: _Joining) -> NewDevice:
    token = DeviceToken(person.member_id, person.device_id, person.secret)
    return NewDevice(
        member_id=person.member_id,
        id=person.device_id,
        program_id=person.program_id,
        platform=person.command.platform,
        app_version=person.command.app_version,
        locale=person.locale,
        token_hash=token.secret_hash,
        created_at=person.command.now,
    )


async def _give_numbers(conn: Connection, keyring: Keyring, new: Sequence[_Joining]) -> dict[MemberId, str]:
    """Draw numbers until each member has one that was free."""
    given: dict[MemberId, str] = {}
    without = list(new)
    while without:
        drawn = {person.member_id: numbers.new_number() for person in without}
        wanted = [(p.program_id, hash_handle(keyring, "card_number", drawn[p.member_id]), p.member_id) for p in without]
        lucky = await handles_repository.reserve_card_numbers(conn, wanted)
        given |= {member_id: drawn[member_id] for member_id in lucky}
        without = [person for person in without if person.member_id not in lucky]
    return given


def _enrolled(person: _Joining, number: str) -> Answer:
    body = EnrolmentResult(
        person.member_id,
        person.device_id,
        write_token(DeviceToken(person.member_id, person.device_id, person.secret)),
        EnrolledCard(number),
    )
    return Answer(201, msgspec.json.encode(body))
