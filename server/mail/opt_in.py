"""Consent to e-mail: where the program asks for it, it counts once the person has followed the link in an e-mail."""

from collections.abc import Sequence
from datetime import datetime

from audiences.facts_repository import open_facts
from channels.deliveries_repository import queue_message
from channels.mail.links import link_url
from channels.mail.tokens import TAG_BYTES, Link
from channels.mail.words import write_opt_in
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sealing import Keyring
from members import handles_repository, members_repository, opt_ins_repository
from members.aliases_repository import lock_owner
from members.consent import Consent, is_granted
from members.contacts import unseal_contact
from members.suppressions_repository import lift_refusals
from programs import programs_repository
from programs.mail_settings_repository import list_double_opt_in
from server.runtime.mail_books import find_mailbox


async def hold_back_email(
    conn: Connection, member_id: MemberId, program_id: ProgramId, consents: Sequence[Consent]
) -> list[Consent]:
    """Those that count at once.

    A yes to e-mail is kept until it is confirmed, where the program asks for that and it is none already. A no ends
    what was kept.
    """
    wanted = is_granted(consents, "email")
    if wanted is None:
        return list(consents)
    if not wanted:
        await opt_ins_repository.take_opt_in(conn, member_id)
        return list(consents)
    is_asked = await list_double_opt_in(conn, [program_id])
    if not is_asked or await members_repository.has_consented(conn, member_id, "email"):
        await lift_refusals(conn, member_id)
        return list(consents)
    await opt_ins_repository.open_opt_ins(
        conn, [(member_id, program_id, each.text_version, each.at) for each in consents if each.purpose == "email"]
    )
    return [each for each in consents if each.purpose != "email"]


async def ask_for_opt_in(
    conn: Connection,
    keyring: Keyring,
    public_url: str | None,
    member_id: MemberId,
    program_id: ProgramId,
    now: datetime,
) -> None:
    """By an e-mail to the member's address. Nothing happens where there is nothing to ask for, or no address yet."""
    contacts = await handles_repository.list_contacts(conn, member_id)
    contact = next((each for each in contacts if each.kind == "email"), None)
    if contact is None or public_url is None or not await opt_ins_repository.mark_opt_in_sent(conn, member_id, now):
        return
    member = await members_repository.find_member(conn, member_id)
    program = await programs_repository.find_program(conn, program_id)
    assert member is not None
    assert program is not None
    url = link_url(keyring, public_url, Link("opt-in", member_id, contact.value_hash[:TAG_BYTES]))
    message = write_opt_in(unseal_contact(keyring, program_id, contact), member.locale, program.name, url)
    expires_at = now + opt_ins_repository.OPT_IN_KEPT
    await queue_message(conn, keyring, member_id, program_id, message, now, expires_at)


async def confirm_opt_in(conn: Connection, link: Link, now: datetime) -> bool:
    """False where nothing waits: it was confirmed before, or withdrawn; or the address that it was sent to is another
    by now, whose owner has not been heard.
    """
    owner_id = await lock_owner(conn, link.member_id)
    mailbox = None if owner_id is None else await find_mailbox(conn, owner_id, link.address_tag)
    if owner_id is None or mailbox is None or mailbox.value_hash is None:
        return False
    version = await opt_ins_repository.take_opt_in(conn, owner_id)
    if version is None:
        return False
    consent = Consent(purpose="email", granted=True, text_version=version, source="mail", at=now)
    await members_repository.record_consents(conn, owner_id, [consent])
    await lift_refusals(conn, owner_id)
    await open_facts(conn, [owner_id])
    return True
