"""A program that reaches its members by each channel."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio

from channels.line.api import LineApi
from channels.line.channel import LineChannel
from channels.mail.smtp import MailIdentity, SmtpChannel
from channels.mail.smtp_pool import SmtpPool
from channels.mail.smtp_server import parse_smtp_url
from devtools.line_double import LineDouble
from devtools.twilio_double import TwilioDouble
from kit.clock import utc_now
from server.runtime.mail_books import StoredMailBooks
from tests.support.channel_street import MAIL, PUBLIC_URL, Street
from tests.support.line import connect_line
from tests.support.lives import ok
from tests.support.mail_server import open_mail_server
from tests.support.proving import KEYRING
from tests.support.tallies import expect_counted
from tests.support.telephony import account_of, keep_account, make_channels
from tests.support.world import Chain


@pytest_asyncio.fixture(loop_scope="session")
async def street(chain: Chain, line: LineDouble, clean_line: None, twilio: TwilioDouble) -> AsyncIterator[Street]:
    pool = chain.world.pool
    opened = line.open_channel("1650000001")
    await connect_line(chain, opened)
    ok(await chain.owner.put("/v1/program/mail", MAIL | {"is_double_opt_in": False}))
    await keep_account(pool, account_of(chain.id, twilio))
    till = await chain.add_till(await chain.add_store())
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(open_mail_server())
        identity = MailIdentity("noreply@noren.example", None, PUBLIC_URL)
        smtp = SmtpChannel(SmtpPool(parse_smtp_url(mail.url)), identity, KEYRING, StoredMailBooks(pool))
        by_line = LineChannel(pool, KEYRING, LineApi(line.endpoint))
        sms, voice = make_channels(pool, utc_now)
        for channel in (by_line, smtp, sms, voice):
            stack.push_async_callback(channel.close)
        opened_street = Street(
            chain=chain,
            till=till,
            line=line,
            line_channel=opened,
            mail=mail,
            twilio=twilio,
            channels={"email": smtp, "line": by_line, "sms": sms, "voice": voice},
        )
        await opened_street.put_off_others()
        yield opened_street
    await expect_counted(pool, chain.id)
