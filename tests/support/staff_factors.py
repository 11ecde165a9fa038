"""Somebody of the staff with an authenticator app, as a phone would have it."""

from dataclasses import dataclass
from datetime import timedelta

import pyotp

from ids import StaffId
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from kit.ids import new_secret
from programs import factors_repository, passkeys_repository, staff_links_repository
from programs.passkeys_repository import Passkey
from programs.staff_repository import Session
from server.backoffice.set_up_authenticator import begin_authenticator, confirm_authenticator
from tests.support.lives import KEYRING
from tests.support.world import Chain, Person

A_STEP_AGO = timedelta(seconds=30)


@dataclass(frozen=True)
class Authenticator:
    """It was confirmed with a code of the step before, so that the one that it shows is good."""

    secret: str
    recovery_codes: list[str]

    def show(self) -> str:
        return pyotp.TOTP(self.secret).now()

    def show_wrong(self) -> str:
        return f"{(int(self.show()) + 1) % 1_000_000:06d}"


async def add_authenticator(chain: Chain, person: Person) -> Authenticator:
    session = Session(person.id, chain.id, "owner", frozenset())

    async def work(conn: Connection) -> Authenticator:
        begun = await begin_authenticator(conn, KEYRING, session, utc_now())
        assert begun is not None
        before = utc_now() - A_STEP_AGO
        code = pyotp.TOTP(begun.secret).at(before)
        return Authenticator(begun.secret, await confirm_authenticator(conn, KEYRING, person.id, code, before))

    return await in_transaction(chain.world.pool, work)


async def fill_factors(chain: Chain, person: Person) -> None:
    """A row of each table of them."""
    await add_authenticator(chain, person)
    await in_transaction(chain.world.pool, lambda conn: _fill(conn, person.id))


async def _fill(conn: Connection, staff_id: StaffId) -> None:
    now = utc_now()
    await factors_repository.create_challenge(conn, staff_id, "second_factor", new_secret(), now)
    await staff_links_repository.create_staff_link(conn, staff_id, "invitation", now)
    passkey = Passkey(
        credential_id=new_secret(),
        staff_id=staff_id,
        name="Key",
        public_key=b"key",
        sign_count=0,
        created_at=now,
        used_at=None,
    )
    await passkeys_repository.create_passkey(conn, passkey)
