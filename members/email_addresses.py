"""E-mail addresses: checked as far as a program can, and brought to one form. Pure."""

import re

MAX_LENGTH = 254  # RFC 5321, section 4.5.3.1, less the angle brackets
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def parse_email_address(text: str) -> str | None:
    """The address in lower case, its domain in ASCII (IDNA); None if it is none.

    The whole address is in lower case: mail servers treat `Hana@` and `hana@` alike, and so must we.
    """
    local, at, domain = text.strip().lower().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return None
    address = f"{local}@{ascii_domain}"
    return address if len(address) <= MAX_LENGTH else None
