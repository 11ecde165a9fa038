"""A program with phone settings, a store, a number on a poster, and doubles of its providers."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from channels.phone.sms import SmsChannel
from channels.phone.voice import VoiceChannel
from devtools.direct_sms_double import DirectSmsDouble
from devtools.twilio_double import Callback, TwilioDouble, call_back
from ids import StoreId
from kit.clock import utc_now
from kit.database import Pool
from kit.ids import new_id
from server.phone.send_replies import send_replies
from tests.support.telephony import KEYRING, PUBLIC_URL, account_of, keep_account, make_channels
from tests.support.world import Chain, made

CALLED = "+815011112222"


@dataclass(frozen=True)
class PhoneDesk:
    """`number_id`: of the number on the poster."""

    chain: Chain
    twilio: TwilioDouble
    direct: DirectSmsDouble
    store_id: StoreId
    number_id: UUID
    sms: SmsChannel
    voice: VoiceChannel

    @property
    def pool(self) -> Pool:
        return self.chain.world.pool

    def call_from(self, caller: str, sid: str | None = None, called: str = CALLED) -> Callback:
        """The signed webhook of a call to the poster's number."""
        sid = sid or f"CA{new_id().hex}"
        form = {"CallSid": sid, "From": caller, "To": called, "AccountSid": self.twilio.account_sid}
        form |= {"CallStatus": "ringing", "Direction": "inbound"}
        return self.twilio.sign(f"{PUBLIC_URL}/v1/phone/numbers/{self.number_id}/calls", form)

    async def post(self, *callbacks: Callback) -> list[httpx.Response]:
        """As they come through a proxy: to our own host, whatever the public one is."""
        return await call_back(self.chain.world.http, [_through_proxy(each) for each in callbacks])

    async def send_replies(self) -> None:
        while await send_replies(self.pool, KEYRING, self.sms):
            pass

    async def spent(self) -> int:
        query = "SELECT coalesce(sum(spent), 0) FROM phone_spending WHERE program_id = $1"
        return int(await self.pool.fetchval(query, self.chain.id))


def _through_proxy(callback: Callback) -> Callback:
    return Callback(callback.url.removeprefix(PUBLIC_URL), callback.body, callback.headers)


@pytest.fixture(scope="session")
def direct() -> Iterator[DirectSmsDouble]:
    with DirectSmsDouble() as double:
        yield double


@pytest_asyncio.fixture(loop_scope="session")
async def phone(chain: Chain, twilio: TwilioDouble, direct: DirectSmsDouble) -> AsyncIterator[PhoneDesk]:
    await keep_account(chain.world.pool, account_of(chain.id, twilio))
    store_id = await chain.add_store()
    body = {"number": CALLED, "store_id": str(store_id), "poster": "Window, autumn"}
    number = made(await chain.owner.post("/v1/call-numbers", body))
    sms, voice = make_channels(chain.world.pool, utc_now)
    yield PhoneDesk(chain, twilio, direct, store_id, UUID(number["id"]), sms, voice)
    await sms.close()
