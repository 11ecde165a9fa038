"""Numbers as providers write them, and as they are known here."""

from members.contact_faults import UnusableContact
from members.phone_numbers import parse_phone_number


def read_number(text: str) -> str:
    """In E.164 whatever the form (`090-1234-5678`), so that it is found on the suppression list; what is no mobile
    number stays as it is.
    """
    try:
        return parse_phone_number(text, "JP")
    except UnusableContact:
        return text
