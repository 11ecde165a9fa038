"""Every SQLSTATE that asyncpg knows, and some that nobody knows, judged by class."""

import socket
import ssl
from collections.abc import Iterator

import asyncpg
import pytest

from kit.outages import Verdict, concerns_all, describe_outage, is_outage, judge

# What a caller is told for each class, unless the code itself is in EXCEPTIONS.
CLASSES: dict[str, Verdict] = {
    "03": "fault", "08": "outage", "09": "fault", "0A": "fault", "0B": "fault", "0F": "fault", "0L": "fault",
    "0P": "fault", "0Z": "fault", "10": "fault", "20": "fault", "21": "fault", "22": "fault", "23": "fault",
    "24": "fault", "25": "fault", "26": "fault", "27": "fault", "28": "fault", "2B": "fault", "2D": "fault",
    "2F": "fault", "34": "fault", "38": "fault", "39": "fault", "3B": "fault", "3D": "fault", "3F": "fault",
    "40": "repeat", "42": "fault", "44": "fault", "53": "outage", "54": "fault", "55": "outage", "57": "outage",
    "58": "outage", "72": "fault", "F0": "outage", "HV": "fault", "P0": "fault", "XX": "outage",
}  # fmt: skip
EXCEPTIONS: dict[str, Verdict] = {"25006": "outage", "40002": "fault", "40003": "outage"}
# Of a newer PostgreSQL than asyncpg's list: the class alone speaks.
UNKNOWN = ("53999", "57P99", "XX099", "23999", "99999")


def sqlstates() -> Iterator[str]:
    for value in vars(asyncpg.exceptions).values():
        if isinstance(value, type) and issubclass(value, asyncpg.PostgresError) and value.__dict__.get("sqlstate"):
            yield value.sqlstate
    yield from UNKNOWN


def error_of(sqlstate: str, severity: str = "ERROR", **fields: str) -> asyncpg.PostgresError:
    """As asyncpg makes it of what the server sends."""
    return asyncpg.PostgresError.new({"S": severity, "V": severity, "C": sqlstate, "M": "words"} | fields)


@pytest.mark.parametrize("sqlstate", sorted(set(sqlstates())))
def test_each_sqlstate_is_judged_by_its_class(sqlstate: str) -> None:
    expected = EXCEPTIONS.get(sqlstate) or CLASSES.get(sqlstate[:2], "fault")
    assert judge(error_of(sqlstate)) == expected
    assert is_outage(error_of(sqlstate), at_connect=True), "nothing that was asked for is to blame before it was sent"
    assert is_outage(error_of(sqlstate, "FATAL")), "the session is gone"


def test_the_table_names_every_class() -> None:
    assert {sqlstate[:2] for sqlstate in sqlstates()} - {"99"} == set(CLASSES)


def test_a_plan_that_a_migration_made_stale_is_run_again() -> None:
    stale = error_of("0A000", R="RevalidateCachedQuery")
    assert isinstance(stale, asyncpg.InvalidCachedStatementError)
    assert judge(stale) == "repeat"
    assert judge(error_of("0A000")) == "fault"
    # Carried out, and its answer unreadable: nobody may run it again unseen.
    assert judge(asyncpg.OutdatedSchemaCacheError("a type has changed")) == "outage"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "nobody there"),
        ConnectionResetError(104, "reset"),
        FileNotFoundError(2, "no socket"),
        socket.gaierror(-3, "no such name"),
        ssl.SSLError("certificate verify failed"),
        TimeoutError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("got result for unknown protocol state"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_connection_that_breaks_is_an_outage(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize("error", [asyncpg.DataError("not an int"), ValueError("x"), KeyError("x"), RuntimeError("x")])
def test_what_is_not_the_databases_doing_is_a_fault(error: Exception) -> None:
    assert judge(error) == "fault"


def test_a_damaged_page_strikes_only_who_needs_it() -> None:
    assert not concerns_all(error_of("XX001"))
    assert concerns_all(error_of("XX000", "PANIC"))
    assert concerns_all(error_of("53100"))
    assert concerns_all(ConnectionRefusedError())


def test_an_outage_is_described_in_one_line() -> None:
    assert describe_outage(error_of("53300", M="sorry, too many clients", H="wait")) == (
        "sorry, too many clients (TooManyConnectionsError)"
    )
    assert describe_outage(TimeoutError()) == "TimeoutError"
