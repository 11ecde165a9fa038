"""LINE as a channel: one push a message, by the official account of the message's program.

Nothing is multicast. A message is about its member and their coupon; one call for many would have one retry key and one
outcome for all of them, and LINE takes 2,000 pushes a second.
"""

from collections.abc import Callable
from datetime import datetime

from channels.channel import Envelope, PermanentDeliveryError, TransientDeliveryError
from channels.line.api import LineApi
from channels.line.credentials import hash_user, unseal_credentials
from channels.line.line_channels_repository import LineChannelRow, find_channel, record_fault, record_spent
from channels.line.line_links_repository import find_link_of_account, set_friendship
from channels.line.outcomes import (
    LineBusy,
    LineFailure,
    LineQuotaSpent,
    LineTokenRefused,
    LineUserUnknown,
    next_month,
)
from channels.messages import LineMessage, Message
from ids import ProgramId
from kit.clock import utc_now
from kit.database import Pool, connect
from kit.sealing import Keyring


class LineChannel:
    """`api` is closed with it."""

    def __init__(self, pool: Pool, keyring: Keyring, api: LineApi, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._pool = pool
        self._keyring = keyring
        self._api = api
        self._clock = clock

    async def send(self, envelope: Envelope, message: Message) -> str | None:
        """LINE's id of the request that was accepted. The message's id is the retry key, so that an answer which got
        lost, and one that comes late, may be asked for again: LINE then says that it was accepted before.
        """
        if not isinstance(message, LineMessage):
            raise PermanentDeliveryError("line_message")
        channel = await self._require_reachable(envelope.program_id, message.recipient)
        token = unseal_credentials(self._keyring, channel.program_id, channel.sealed_credentials).access_token
        try:
            return await self._api.push(token, message.recipient, message.messages, str(envelope.message_id))
        except LineBusy as busy:
            raise TransientDeliveryError(busy.reason, busy.retry_after_s) from None
        except LineTokenRefused as refused:  # the owner's to mend; the message may still go then
            await self._note(channel, refused, message.recipient)
            raise TransientDeliveryError(refused.reason) from None
        except LineFailure as refused:
            await self._note(channel, refused, message.recipient)
            raise PermanentDeliveryError(refused.reason) from None

    async def close(self) -> None:
        await self._api.close()

    async def _require_reachable(self, program_id: ProgramId, user_id: str) -> LineChannelRow:
        """LINE says 200 for somebody who has blocked the account, and counts nothing: so it is not asked.

        Raises PermanentDeliveryError.
        """
        async with connect(self._pool) as conn:
            channel = await find_channel(conn, program_id)
            link = await find_link_of_account(conn, program_id, hash_user(self._keyring, program_id, user_id))
        if channel is None:
            raise PermanentDeliveryError("line_not_configured")
        if link is None:  # unlinked since the message was written
            raise PermanentDeliveryError("line_unlinked")
        if link.blocked_at is not None:
            raise PermanentDeliveryError("line_blocked")
        if channel.spent_until is not None and channel.spent_until > self._clock():
            raise PermanentDeliveryError("line_monthly_limit")
        return channel

    async def _note(self, channel: LineChannelRow, refused: LineFailure, user_id: str) -> None:
        """What the refusal says of more than this message."""
        now, program_id = self._clock(), channel.program_id
        async with connect(self._pool) as conn:
            if isinstance(refused, LineQuotaSpent):
                await record_spent(conn, channel, next_month(now), now)
            elif isinstance(refused, LineUserUnknown):
                user_hash = hash_user(self._keyring, program_id, user_id)
                await set_friendship(conn, program_id, user_hash, is_friend=False, at=now)
            elif isinstance(refused, LineTokenRefused):
                await record_fault(conn, channel, refused.reason, now)
