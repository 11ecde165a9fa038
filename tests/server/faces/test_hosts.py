"""Which Host serves what."""

import pytest

from server.faces.hosts import Faces

APART = Faces(
    {
        "console": "https://console.kissa.example",
        "card": "https://card.kissa.example:443",
        "till": "http://localhost:8080",
    }
)
SHARED = Faces({"console": "http://localhost:8080", "card": "http://localhost:8080"})
CONSOLE, CARD, TILL, API = "console.kissa.example", "CARD.kissa.example", "localhost:8080", "api.kissa.example"


@pytest.mark.parametrize(
    ("host", "path", "is_served"),
    [
        (CONSOLE, "/console/stores", True),
        (CONSOLE, "/console", True),
        (CONSOLE, "/", True),
        (CONSOLE, "/assets/noren.css", True),
        (CONSOLE, "/licences", True),
        (CONSOLE, "/v1/stores", True),
        (CONSOLE, "/card/kissa", False),
        (CONSOLE, "/till/kissa", False),
        (CONSOLE, "/docs", False),
        (CONSOLE, "/metrics", False),
        (CONSOLE, "/mail/click/x", False),
        (CONSOLE, "/consoles", False),
        (CARD, "/card/kissa", True),
        (CARD, "/console/stores", False),
        (CARD, "/v1/me", True),
        (TILL, "/till/kissa", True),
        ("localhost", "/till/kissa", False),
        ("localhost:8081", "/till/kissa", False),
        (API, "/v1/me", True),
        (API, "/docs", True),
        (API, "/metrics", True),
        (API, "/console/stores", False),
        (API, "/", False),
        (API, "/assets/noren.css", False),
        ("", "/console/stores", False),
        ("console.kissa.example.evil.example", "/console/stores", False),
    ],
)
def test_each_host_serves_its_face_and_the_api(host: str, path: str, is_served: bool) -> None:
    assert APART.serves(host, path) is is_served


@pytest.mark.parametrize(("path", "is_served"), [("/console/stores", True), ("/card/kissa", True), ("/till/x", False)])
def test_one_origin_may_be_shared(path: str, is_served: bool) -> None:
    assert SHARED.serves("localhost:8080", path) is is_served
    assert SHARED.sharing == ["console", "card"]
    assert APART.sharing == []
