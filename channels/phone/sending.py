"""One text or call, posted to its provider at most once: the suppression list, the day's money, the record, the post.

What was begun is written before it is posted. So a process that dies in between leaves a row in `sending`, and the next
attempt knows that the message may be out: it is `unknown`, and not posted again.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from channels.channel import Envelope, PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError
from channels.phone.account import PhoneAccount, SmsRoute, hash_number
from channels.phone.outcomes import PhoneKind, SendState
from channels.phone.phone_accounts_repository import book_money, is_opted_out, opt_out
from channels.phone.phone_sends_repository import Send, begin_send, find_send, record_progress
from kit.clock import utc_now
from kit.database import Connection, Pool, connect, in_transaction
from kit.sealing import Keyring

# An owner may raise the cap, or mend the account: nothing waits longer than that to hear of it.
_LOOK_AGAIN_S = 300.0

Post = Callable[[], Awaitable[str | None]]


class Desk:
    """What every text and call goes over. `public_url`: what reports are sent to begins with it."""

    def __init__(self, pool: Pool, keyring: Keyring, public_url: str, clock: Callable[[], datetime] = utc_now) -> None:
        self.pool = pool
        self.keyring = keyring
        self.public_url = public_url
        self.clock = clock

    async def recall(self, envelope: Envelope, kind: PhoneKind) -> Send | None:
        """What an earlier attempt may have posted. It is looked at before anything refuses the message: what may be out
        is `unknown`, whatever has become of the account, the hours or the suppression list since.
        """
        if envelope.attempts == 1:
            return None
        async with connect(self.pool) as conn:
            send = await find_send(conn, envelope.message_id, kind)
        return None if send is None or send.may_be_posted else send

    async def post_once(
        self,
        account: PhoneAccount,
        envelope: Envelope,
        recipient: str,
        kind: PhoneKind,
        route: SmsRoute,
        price: int,
        post: Post,
    ) -> str | None:
        """The provider's id. Raises PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError."""
        now = self.clock()
        send = Send(
            id=envelope.message_id,
            program_id=envelope.program_id,
            member_id=envelope.member_id,
            kind=kind,
            route=route,
            price=price,
            spend_day=account.day_of(now),
        )
        number_hash = hash_number(self.keyring, envelope.program_id, recipient)
        begin = partial(_begin, account=account, envelope=envelope, send=send, number_hash=number_hash, now=now)
        former = await in_transaction(self.pool, begin)
        if former is not None:
            return await self.answer_of(former)
        return await self._post(send, number_hash, post)

    async def _post(self, send: Send, number_hash: bytes, post: Post) -> str | None:
        try:
            provider_message_id = await post()
        except PermanentDeliveryError as error:
            await self._record(send, "failed", costs_nothing=True, failure=error.reason)
            if error.reason == "opted_out":
                await self._opt_out(send, number_hash)
            raise
        except TransientDeliveryError:
            await self._record(send, "waiting", costs_nothing=True)
            raise
        except UnknownDeliveryError as error:
            return await self._settle_or_raise(send, error)
        except Exception as error:  # a fault of ours or of the SDK's, and nobody knows on which side of the post
            return await self._settle_or_raise(send, UnknownDeliveryError(type(error).__name__))
        if not await self._record(send, "accepted", provider_message_id=provider_message_id):
            return await self.answer_of(send)  # its report was faster
        return provider_message_id

    async def _settle_or_raise(self, send: Send, error: UnknownDeliveryError) -> str | None:
        """A report may have come before the answer was given up: then it is known."""
        await self._record(send, "unknown")
        return await self.answer_of(send, error)

    async def answer_of(self, send: Send, error: UnknownDeliveryError | None = None) -> str | None:
        """Of what has been begun, as it is known now. Raises as `post_once` does."""
        held = await in_transaction(self.pool, lambda conn: find_send(conn, send.id, send.kind))
        state = "unknown" if held is None else held.state
        if state in ("sending", "unknown"):
            if state == "sending":
                await self._record(send, "unknown")
            raise error or UnknownDeliveryError("interrupted")
        if held is not None and state == "failed":
            raise PermanentDeliveryError(held.failure or "failed")
        return None if held is None else held.provider_message_id

    async def _record(
        self,
        send: Send,
        state: SendState,
        *,
        costs_nothing: bool = False,
        failure: str | None = None,
        provider_message_id: str | None = None,
    ) -> bool:
        """Whether that was news."""

        async def work(conn: Connection) -> bool:
            changed = await record_progress(
                conn,
                send.id,
                send.kind,
                state,
                self.clock(),
                costs_nothing=costs_nothing,
                failure=failure,
                provider_message_id=provider_message_id,
            )
            return changed is not None

        return await in_transaction(self.pool, work)

    async def _opt_out(self, send: Send, number_hash: bytes) -> None:
        """The provider keeps a list of its own; ours learns of it, so that nothing is posted in vain."""
        await in_transaction(
            self.pool,
            lambda conn: opt_out(conn, send.program_id, number_hash, send.kind, "provider", self.clock()),
        )


async def _begin(
    conn: Connection, account: PhoneAccount, envelope: Envelope, send: Send, number_hash: bytes, now: datetime
) -> Send | None:
    """None: it is ours to post. Else an earlier attempt has begun it. What it raises undoes what it has written."""
    if not await begin_send(conn, send, now):
        return send
    if await is_opted_out(conn, send.program_id, number_hash, send.kind):
        raise PermanentDeliveryError("opted_out")
    is_booked = await book_money(
        conn, send.program_id, send.spend_day, send.price, account.tariff, is_essential=envelope.is_essential
    )
    if not is_booked:
        raise TransientDeliveryError("spending_cap", min(_LOOK_AGAIN_S, account.next_day_s(now)))
    return None
