"""`unsubscribe`: no more e-mail of campaigns, by the link or the button in one of them."""

from datetime import datetime

from audiences.facts_repository import open_facts
from channels.mail.tokens import Link
from kit.database import Connection
from members import members_repository, opt_ins_repository
from members.aliases_repository import lock_owner
from members.consent import Consent
from members.suppressions_repository import suppress_address
from server.runtime.mail_books import find_mailbox

# The wording is that of the e-mail, which has one link.
_TEXT_VERSION = "unsubscribe"


async def unsubscribe(conn: Connection, link: Link, now: datetime) -> None:
    """As often as it is pressed, it is one withdrawal. Of who is gone nothing is left to withdraw."""
    member_id = await lock_owner(conn, link.member_id)
    mailbox = None if member_id is None else await find_mailbox(conn, member_id, link.address_tag)
    if member_id is None or mailbox is None:
        return
    await opt_ins_repository.take_opt_in(conn, member_id)
    if mailbox.email_consent:
        consent = Consent(purpose="email", granted=False, text_version=_TEXT_VERSION, source="mail", at=now)
        await members_repository.record_consents(conn, member_id, [consent])
        await open_facts(conn, [member_id])
    if mailbox.value_hash is not None:
        await suppress_address(conn, member_id, mailbox.program_id, mailbox.value_hash, "unsubscribed", now)
