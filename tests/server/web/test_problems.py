"""The one list of problems, what becomes one, and the table that tells of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException, ValidationException

import server
from devtools.bootstrap import ROOT
from kit.batching import Overloaded
from kit.database import DatabaseUnavailable
from kit.pages import InvalidCursor
from server.description.field_docs import find_field_docs
from server.description.problem_document import Problem as ProblemDocument
from server.problems import PROBLEMS, Problem, not_found, unauthenticated
from server.redemptions.refusals import NOT_MET, OF_A_USE
from server.web.errors import CONSTRAINTS, to_problem


def raised() -> Iterator[str]:
    """The slug of each `Problem("…", …)` in the code, and of each that the translation of errors names."""
    for path in Path(server.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)
    yield from (slug for slug, _ in (*CONSTRAINTS.values(), *OF_A_USE.values(), NOT_MET))
    yield from (to_problem(HTTPException(status_code=status)).slug for status in (404, 405, 413, 415))


def test_every_problem_is_listed_and_every_listed_one_can_happen() -> None:
    assert set(raised()) == set(PROBLEMS)


def test_the_table_is_the_list() -> None:
    text = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert {slug: (int(status), title) for slug, status, title, _ in rows} == PROBLEMS
    assert len(rows) == len(PROBLEMS)


def test_a_problem_is_written_as_rfc_9457_says() -> None:
    problem = Problem("already-redeemed", "Do not.", redeemed_at="2026-01-01T00:00:00Z")
    assert msgspec.json.decode(problem.body()) == {
        "type": "urn:noren:problem:already-redeemed",
        "title": "The coupon has been redeemed already",
        "status": 409,
        "detail": "Do not.",
        "redeemed_at": "2026-01-01T00:00:00Z",
    }
    assert problem.headers() == {}
    assert unauthenticated().headers() == {"WWW-Authenticate": "Bearer"}
    assert Problem("unavailable", "Wait.", retry_after_s=2).headers() == {"Retry-After": "2"}


@pytest.mark.parametrize(
    ("error", "slug", "retry_after_s"),
    [
        (not_found("store"), "not-found", None),
        (DatabaseUnavailable("gone"), "unavailable", 2),
        (Overloaded(), "overloaded", 1),
        (InvalidCursor(), "invalid-cursor", None),
        (asyncpg.CharacterNotInRepertoireError("NUL"), "invalid-request", None),
        (asyncpg.UniqueViolationError("unknown"), "internal", None),
        (RecursionError(), "invalid-request", None),
        (NotFoundException(), "not-found", None),
        (HTTPException(status_code=405), "method-not-allowed", None),
        (HTTPException(status_code=413), "body-too-large", None),
        (HTTPException(status_code=415), "unsupported-media-type", None),
        (HTTPException(status_code=418), "invalid-request", None),
        (HTTPException(status_code=500), "internal", None),
        (NotAuthorizedException(), "invalid-request", None),
        (ValidationException("bad", extra=[{"key": "name", "message": "too long"}]), "invalid-request", None),
        (RuntimeError("the password is 1234"), "internal", None),
        (KeyError("x"), "internal", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_an_error_becomes(error: Exception, slug: str, retry_after_s: int | None) -> None:
    problem = to_problem(error)
    assert (problem.slug, problem.retry_after_s) == (slug, retry_after_s)
    assert "1234" not in problem.body().decode()


def test_a_known_constraint_is_told_in_its_own_words() -> None:
    for name, (slug, detail) in CONSTRAINTS.items():
        error = asyncpg.UniqueViolationError("duplicate key")
        error.constraint_name = name
        assert (to_problem(error).slug, to_problem(error).detail) == (slug, detail)


def test_what_is_wrong_with_a_body_is_told_by_field() -> None:
    error = ValidationException("bad", extra=[{"key": "name", "message": "too long"}, {"message": "and more"}])
    assert to_problem(error).detail.endswith("name: too long; and more")


def test_the_members_that_a_problem_carries_are_described_with_its_type() -> None:
    described = find_field_docs(ProblemDocument)
    for path in Path(server.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                slug = node.args[0]
                for keyword in node.keywords:
                    if keyword.arg not in (None, "retry_after_s") and isinstance(slug, ast.Constant):
                        assert f"`{slug.value!s}`" in described[str(keyword.arg)], (path, slug.value)
