"""What was searched for, in the address of its results: it tells of a person, so it stands there sealed.

Whoever reads the logs of a proxy reads nothing; a reload, a link back and the next page find it again. It is good for
the one who has searched, and for nobody else.
"""

from kit.ids import from_text, to_text
from kit.sealing import Keyring, Unsealable
from programs.staff_repository import Session

MOST_CHARACTERS = 200
_PURPOSE = "console search"


def seal_search(keyring: Keyring, staff: Session, text: str) -> str:
    return to_text(keyring.seal(_PURPOSE, staff.staff_id.bytes, text.encode()))


def unseal_search(keyring: Keyring, staff: Session, sealed: str) -> str | None:
    """None for what is not theirs, or is nothing of ours."""
    try:
        return keyring.unseal(_PURPOSE, staff.staff_id.bytes, from_text(sealed)).decode()
    except (ValueError, Unsealable):
        return None
