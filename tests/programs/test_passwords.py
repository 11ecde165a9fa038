"""Passwords of staff: argon2id as strong as OWASP asks for, though the other tests hash with less."""

from argon2 import Parameters, extract_parameters
from argon2.low_level import Type

from programs import passwords
from programs.passwords import hash_password, verify_password
from tests.conftest import PRODUCTION_HASHER


def strength(password_hash: str) -> Parameters:
    return extract_parameters(password_hash)


def test_hashes_in_production_are_argon2id_with_the_parameters_of_owasp() -> None:
    made = strength(PRODUCTION_HASHER.hash("correct horse"))
    assert made.type is Type.ID
    assert (made.memory_cost, made.time_cost, made.parallelism) == (19 * 1024, 2, 1)


def test_nobody_is_verified_at_the_same_cost_as_somebody() -> None:
    assert strength(passwords._NOBODY) == strength(PRODUCTION_HASHER.hash("correct horse"))


async def test_only_the_password_verifies_and_nobody_has_one() -> None:
    stored = await hash_password("correct horse")
    assert await verify_password(stored, "correct horse")
    assert not await verify_password(stored, "correct house")
    assert not await verify_password(None, "correct horse")
    assert not await verify_password("no hash", "correct horse")
