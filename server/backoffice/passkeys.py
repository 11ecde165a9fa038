"""Passkeys of the staff (WebAuthn Level 3), judged by py_webauthn: as second factor, and instead of a password.

The relying party is the console's own origin, as the operator has set it. What a browser signs holds a challenge that
is ours, good once and for five minutes. Instead of a password only what verified its user counts.
"""

from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ids import StaffId
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from kit.ids import new_secret
from programs import factors_repository, passkeys_repository, staff_repository
from programs.passkeys_repository import Passkey
from programs.staff_repository import StaffMember
from server.backoffice.second_factor import OpenedLogIn, challenge_expired
from server.problems import CommittedRefusal, Problem
from server.web.services import Services

MOST_PASSKEYS = 10
_RP_NAME = "Noren"
_UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError)

SignInPurpose = Literal["second_factor", "passkey_sign_in"]


async def begin_registration(conn: Connection, origin: str, person: StaffMember, now: datetime) -> tuple[str, bytes]:
    """The options for the browser, and the secret by which it goes on."""
    challenge = new_secret()
    options = generate_registration_options(
        rp_id=_rp_id(origin),
        rp_name=_RP_NAME,
        user_id=person.id.bytes,
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_named(await passkeys_repository.list_passkeys(conn, person.id)),
    )
    secret = await factors_repository.create_challenge(conn, person.id, "passkey_registration", challenge, now)
    return options_to_json(options), secret


async def finish_registration(
    conn: Connection, origin: str, staff_id: StaffId, secret: bytes, answer: str, name: str, now: datetime
) -> None:
    """Raises Problem."""
    begun = await factors_repository.find_challenge(conn, secret, "passkey_registration", now)
    if begun is None or begun.staff_id != staff_id or not await factors_repository.use_challenge(conn, secret, now):
        raise challenge_expired()
    await staff_repository.lock_staff(conn, staff_id)
    if len(await passkeys_repository.list_passkeys(conn, staff_id)) >= MOST_PASSKEYS:
        raise _not_taken()
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=begun.challenge,
            expected_rp_id=_rp_id(origin),
            expected_origin=origin,
        )
    except _UNREADABLE:
        raise _not_taken() from None
    passkey = Passkey(
        credential_id=verified.credential_id,
        staff_id=staff_id,
        name=name,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        created_at=now,
        used_at=None,
    )
    if not await passkeys_repository.create_passkey(conn, passkey):
        raise _not_taken()


async def begin_sign_in(conn: Connection, origin: str, now: datetime) -> tuple[str, bytes]:
    """Without a password: the passkey says whose it is."""
    challenge = new_secret()
    options = generate_authentication_options(
        rp_id=_rp_id(origin), challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    secret = await factors_repository.create_challenge(conn, None, "passkey_sign_in", challenge, now)
    return options_to_json(options), secret


async def find_step_options(conn: Connection, origin: str, secret: bytes, now: datetime) -> str | None:
    """For the second step of a log-in; None where it has none, or the person no passkey."""
    begun = await factors_repository.find_challenge(conn, secret, "second_factor", now)
    if begun is None or begun.staff_id is None:
        return None
    passkeys = await passkeys_repository.list_passkeys(conn, begun.staff_id)
    if not passkeys:
        return None
    options = generate_authentication_options(
        rp_id=_rp_id(origin),
        challenge=begun.challenge,
        allow_credentials=_named(passkeys),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


async def pass_with_passkey(
    services: Services, origin: str, secret: bytes, answer: str, purpose: SignInPurpose
) -> OpenedLogIn:
    """Raises Problem."""
    now = utc_now()

    async def work(conn: Connection) -> OpenedLogIn | CommittedRefusal:
        begun = await factors_repository.find_challenge(conn, secret, purpose, now)
        if begun is None or not await factors_repository.count_attempt(conn, secret, now):
            raise challenge_expired()
        staff_id = await _judge(conn, origin, begun.challenge, begun.staff_id, answer, now)
        if staff_id is None:
            return CommittedRefusal(Problem("second-factor-wrong", "Use the passkey of this account, or a code."))
        await factors_repository.use_challenge(conn, secret, now)
        return OpenedLogIn(*await staff_repository.open_session(conn, staff_id, now, "passkey"), staff_id)

    done = await in_transaction(services.pool, work)
    if isinstance(done, CommittedRefusal):
        raise done.problem
    return done


async def _judge(
    conn: Connection, origin: str, challenge: bytes, whose: StaffId | None, answer: str, now: datetime
) -> StaffId | None:
    """Whose passkey it is; None where it is not, or not `whose`, or its counter says that there is a copy."""
    try:
        credential = parse_authentication_credential_json(answer)
        passkey = await passkeys_repository.find_passkey(conn, credential.raw_id)
        if passkey is None or whose not in (None, passkey.staff_id):
            return None
        handle = credential.response.user_handle
        if handle is not None and handle != passkey.staff_id.bytes:
            return None
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(origin),
            expected_origin=origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=whose is None,
        )
    except _UNREADABLE:
        return None
    is_newest = await passkeys_repository.use_passkey(conn, passkey.credential_id, verified.new_sign_count, now)
    return passkey.staff_id if is_newest else None


def read_credential_id(text: str) -> bytes:
    """Of a form. Empty for what is none."""
    try:
        return base64url_to_bytes(text)
    except ValueError:
        return b""


def _named(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential_id) for each in passkeys]


def _rp_id(origin: str) -> str:
    return urlsplit(origin).hostname or ""


def _not_taken() -> Problem:
    return Problem("invalid-request", "Try it once more, or with another passkey.")
