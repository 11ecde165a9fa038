"""What an answer must be like."""

from typing import Any

import httpx

from server.problems import PROBLEMS


def expect_problem(response: httpx.Response, status: int | None = None, slug: str | None = None) -> dict[str, Any]:
    """A complete problem. Any of the 4xx where no status is named."""
    body: dict[str, Any] = response.json()
    assert status is None or response.status_code == status, response.text
    assert status is not None or 400 <= response.status_code < 500, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = body["type"].removeprefix("urn:noren:problem:")
    assert slug is None or found == slug, response.text
    assert (body["status"], body["title"]) == PROBLEMS[found]
    assert response.status_code == body["status"]
    assert body["detail"].strip()
    return body
