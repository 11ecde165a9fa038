"""Whose requests a page takes."""

import pytest

from server.faces.fetch_rules import may_ask

OWN = "https://console.kissa.example"
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize(
    ("method", "headers", "may"),
    [
        ("POST", {"sec-fetch-site": "same-origin"}, True),
        ("POST", {"sec-fetch-site": "same-site"}, False),
        ("POST", {"sec-fetch-site": "cross-site"}, False),
        ("POST", {"sec-fetch-site": "none"}, False),
        ("POST", {"sec-fetch-site": "cross-site", "origin": OWN}, False),
        ("POST", {"origin": OWN}, True),
        ("POST", {"origin": "https://evil.example"}, False),
        ("POST", {"origin": "null"}, False),
        ("POST", {}, False),
        ("POST", LINK, False),
        ("GET", {}, True),
        ("GET", {"sec-fetch-site": "none"}, True),
        ("GET", {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, True),
        ("GET", LINK, True),
        ("GET", LINK | {"sec-fetch-site": "same-site"}, True),
        ("GET", LINK | {"sec-fetch-dest": "iframe"}, False),
        ("GET", LINK | {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, False),
        ("GET", LINK | {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}, False),
    ],
)
def test_links_lead_in_and_nothing_else_comes_from_elsewhere(method: str, headers: dict[str, str], may: bool) -> None:
    assert may_ask(method, headers, OWN) is may
