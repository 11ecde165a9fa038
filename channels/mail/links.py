"""The links of an e-mail whose openings and clicks are counted: each leads by us, to where it led before. Pure."""

import re
from html import escape, unescape

import msgspec

from channels.mail.tokens import Link, LinkPurpose, seal_link
from channels.messages import EmailMessage, MailOwner
from kit.sealing import Keyring

# Of a link, and not of words that look like one: `<` stands in no text.
_HREF = re.compile(r'(<a href=)"(https?://[^"]+)"')
_PATHS: dict[LinkPurpose, str] = {
    "unsubscribe": "/mail/unsubscribe", "opt-in": "/mail/opt-in", "click": "/mail/click", "open": "/mail/open"
}  # fmt: skip


def link_url(keyring: Keyring, public_url: str, link: Link) -> str:
    return f"{public_url}{_PATHS[link.purpose]}/{seal_link(keyring, link)}"


def unsubscribe_url(keyring: Keyring, public_url: str, owner: MailOwner) -> str:
    return link_url(keyring, public_url, Link("unsubscribe", owner.member_id, owner.address_tag))


def count_links(keyring: Keyring, public_url: str, message: EmailMessage, click: Link) -> EmailMessage:
    """`click`: whose it is, and of which message; its `url` is filled in.

    The plain text stays as it is, and so does the link that unsubscribes: nobody is to be counted for that.
    """
    if message.html is None:
        return message
    own = f"{public_url}/mail/"

    def replace(found: re.Match[str]) -> str:
        url = unescape(found[2])
        if url.startswith(own):
            return found[0]
        counted = msgspec.structs.replace(click, url=url)
        return f'{found[1]}"{escape(link_url(keyring, public_url, counted))}"'

    opened = link_url(keyring, public_url, msgspec.structs.replace(click, purpose="open", url=None))
    picture = f'<img src="{escape(opened)}" width="1" height="1" alt="">'
    html = _HREF.sub(replace, message.html)
    head, body, tail = html.rpartition("</body>")
    return msgspec.structs.replace(message, html=f"{head}{picture}{body}{tail}" if body else html + picture)
