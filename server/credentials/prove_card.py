"""`prove_card`: the card that shows this code now is a member's, and the code proves it once."""

from datetime import datetime

from cards import card_keys_repository, signing_keys_repository
from cards.card_key import CardKey
from cards.rotating_codes import Refusal, judge_code, read_code
from cards.signing_keys import trusted_keys
from kit.database import Connection
from server.problems import Problem


async def prove_card(conn: Connection, key: CardKey, presented: str, now: datetime) -> None:
    """Raises Problem. `presented` is the rotating code of the phone that has this key."""
    code = read_code(presented)
    if code is None:
        raise Problem("invalid-request", "Send the digits of the card's code.")
    signing = await signing_keys_repository.list_signing_keys(conn, {key.program_id})
    refusal: Refusal | None = judge_code(code, trusted_keys(signing[key.program_id], now), now)
    if refusal is None and (code.certificate.member_id, code.certificate.serial) != (key.member_id, key.serial):
        refusal = "revoked"
    if refusal is None and not await card_keys_repository.prove_step(conn, key.member_id, key.serial, code.step):
        refusal = "replayed"
    if refusal is not None:
        raise Problem("card-code-refused", "Send the code that the card makes now.", reason=refusal)
