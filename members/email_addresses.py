"""E-mail addresses: checked as far as a program can, and brought to one form. Pure."""

import re

import idna

from kit.typed_text import clean_up
from members.contact_faults import UnusableContact

MAX_LENGTH = 254  # RFC 5321, section 4.5.3.1, less the angle brackets
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*", re.ASCII)
# Two Japanese carriers once gave out addresses with a dot at the end, or several in a row, which only a quoted local
# part may have (RFC 5321, section 4.1.2). They are still in use.
_DOTTED_LOCAL = re.compile(rf"{_ATOM}(\.+{_ATOM})*\.*", re.ASCII)
_DOTTED_DOMAIN = re.compile(r"([a-z0-9-]+\.)*(docomo|ezweb)\.ne\.jp", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
# What Japanese keyboards type for a hyphen. Beside a kana the prolonged sound mark is itself.
_HYPHEN = re.compile(r"(?<=[a-z0-9])[\u2010-\u2015\u2212\u30fc](?=[a-z0-9])")


def parse_email_address(text: str) -> str:
    """The address in lower case, its domain in ASCII (IDNA 2008). Raises UnusableContact.

    The whole address is in lower case: mail servers treat `Hana@` and `hana@` alike, and so must we.
    """
    typed = _HYPHEN.sub("-", clean_up(text).lower().replace("。", "."))
    local, at, domain = typed.rpartition("@")
    if not at:
        raise UnusableContact("not_an_address")
    ascii_domain = _parse_domain(domain)
    pattern = _DOTTED_LOCAL if _DOTTED_DOMAIN.fullmatch(ascii_domain) else _LOCAL
    # `=?` begins an encoded word (RFC 2047), as which software on the way reads it.
    if len(local) > 64 or not pattern.fullmatch(local) or "=?" in local:
        raise UnusableContact("local_part")
    address = f"{local}@{ascii_domain}"
    if len(address) > MAX_LENGTH:
        raise UnusableContact("address_too_long")
    return address


def _parse_domain(domain: str) -> str:
    try:
        ascii_domain = domain if domain.isascii() and "xn--" not in domain else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise UnusableContact("domain") from None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise UnusableContact("domain")
    return ascii_domain
