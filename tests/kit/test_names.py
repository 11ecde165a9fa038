"""What a name may be, at the API, in a form, in a file, in the database: one rule."""

import re

import msgspec
import pytest
from sqlalchemy import CheckConstraint

from kit.names import MAX_NAME, TURNING, Name, has_turning, is_name
from migrations.schema import metadata

GOOD = ["茶", "喫茶 さくら", "שלום\u200e", "a" * MAX_NAME, "\n茶", "<script>"]
BAD = ["", " \u3000\n", "a" * (MAX_NAME + 1), *(f"さくら{sign}moc" for sign in TURNING), TURNING[0], f"{TURNING[4]}\n"]


@pytest.mark.parametrize("text", [*GOOD, *BAD])
def test_a_body_and_a_form_judge_alike(text: str) -> None:
    try:
        msgspec.convert(text, Name)
        is_taken = True
    except msgspec.ValidationError:
        is_taken = False
    assert is_taken is is_name(text) is (text in GOOD)


def test_marks_of_one_place_are_no_turning() -> None:
    assert not has_turning("\u200e\u200f")


def test_the_database_judges_alike() -> None:
    """What the tables check, as Python reads it."""
    checks = {
        (table.name, found[1]): found[2]
        for table in metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
        and (found := re.fullmatch(r"(\w+) !~ '(\[.+\])'", str(check.sqltext))) is not None
    }
    assert {(table, "name") for table in ("programs", "stores", "geofences", "campaigns", "profiles")} <= set(checks)
    for where, signs in checks.items():
        assert all(re.search(signs, sign) for sign in TURNING), where
        assert not re.search(signs, "שלום\u200e\u200f"), where
