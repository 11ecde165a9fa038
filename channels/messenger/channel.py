"""Facebook Messenger as a channel: answers to people who have written to the program's page, and nothing else.

Meta takes free text for 24 hours after the person's last message. It has refused the tags that reached further since
April 2026, and its marketing messages are not to be had in Japan: so what would come later is refused here.
"""

from collections.abc import Callable
from datetime import datetime

from channels.channel import Envelope, PermanentDeliveryError, UnknownDeliveryError
from channels.messages import Message, MessengerMessage
from channels.messenger.api import MessengerApi
from channels.messenger.credentials import hash_user, unseal_credentials
from channels.messenger.messenger_links_repository import find_link_of_account
from channels.messenger.messenger_pages_repository import find_page
from channels.messenger.webhook import MAX_TEXT, is_open
from kit.clock import utc_now
from kit.database import Pool, connect
from kit.sealing import Keyring


class MessengerChannel:
    """`api` is closed with it."""

    def __init__(
        self, pool: Pool, keyring: Keyring, api: MessengerApi, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._api = api
        self._clock = clock

    async def send(self, envelope: Envelope, message: Message) -> str | None:
        """Meta's id of the message. After an unknown outcome nothing is repeated: Meta knows no idempotency key.

        Raises PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError.
        """
        if envelope.may_be_out:  # before anything refuses it: it is unknown, whatever has become of the link since
            raise UnknownDeliveryError("interrupted")
        program_id = envelope.program_id
        if not isinstance(message, MessengerMessage) or not 0 < len(message.body) <= MAX_TEXT:
            raise PermanentDeliveryError("messenger_message")
        user_hash = hash_user(self._keyring, program_id, message.recipient)
        async with connect(self._pool) as conn:
            page = await find_page(conn, program_id)
            link = await find_link_of_account(conn, program_id, user_hash)
        if page is None:
            raise PermanentDeliveryError("messenger_not_configured")
        if link is None:  # unlinked since the message was written
            raise PermanentDeliveryError("messenger_unlinked")
        if not is_open(link.last_wrote_at, self._clock()):
            raise PermanentDeliveryError("messenger_window")
        token = unseal_credentials(self._keyring, program_id, page.sealed_credentials).access_token
        return await self._api.send(page.page_id, token, message.recipient, message.body)

    async def close(self) -> None:
        await self._api.close()
