"""The faces over HTTP: which Host serves what, what every page is sent with, and what an error looks like."""

import re

import httpx
import pytest

from server.card_page.channels import FIREBASE_HOSTS
from server.faces.headers import page_headers
from server.faces.hosts import FACES, Face
from server.faces.served import find_warnings
from server.settings import Settings
from tests.support.faces import ServedFaces
from tests.support.world import World

PAGES: dict[Face, str] = {"console": "/console/sign-in", "card": "/card/{code}/", "till": "/till/{code}/check"}


async def pages_of(faces: ServedFaces) -> dict[Face, str]:
    code = (await faces.world.add_chain()).code
    return {face: path.format(code=code) for face, path in PAGES.items()}


async def test_each_host_serves_its_own_face_and_the_api(faces: ServedFaces) -> None:
    pages = await pages_of(faces)
    for face in FACES:
        for of, path in pages.items():
            answer = await faces.world.http.get(faces.origin(face) + path)
            assert (answer.status_code == 200) is (of == face), (face, path)
        assert (await faces.world.http.get(f"{faces.origin(face)}/v1/stores")).status_code == 401
        for path in ("/docs", "/docs/openapi.json", "/metrics", "/health/live", "/apple-wallet/v1/passes/a/b"):
            hidden = await faces.world.http.get(faces.origin(face) + path)
            assert hidden.status_code == 404, path
    for path in pages.values():
        assert (await faces.world.http.get(path)).status_code == 404, "another Host is the API's"


async def test_without_the_settings_there_is_no_face(world: World) -> None:
    for path in ("/", "/console", "/console/sign-in", "/card/kissa", "/till/kissa", "/licences"):
        answer = await world.http.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_every_page_is_sent_with_the_exact_policy_and_a_nonce_of_its_own(faces: ServedFaces) -> None:
    nonces, pages = set(), await pages_of(faces)
    for path in [*pages.values(), "/console/nowhere", "/card/no-such-program"]:
        answer = await faces.get(path)
        policy = answer.headers["content-security-policy"]
        nonce = re.findall(r"'nonce-([\w-]{22})'", policy)[0]
        # A program's card may register the browser for web push.
        hosts = f"connect-src 'self' {' '.join(FIREBASE_HOSTS)}; " if path == pages["card"] else ""
        assert policy == (
            f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; img-src 'self' data:; {hosts}object-src 'none'; "
            "base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
            "require-trusted-types-for 'script'; trusted-types noren"
        )
        nonces.add(nonce)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert "camera=()" in answer.headers["permissions-policy"]
    assert len(nonces) == 5


def test_over_tls_a_browser_is_told_to_stay_there() -> None:
    assert "Strict-Transport-Security" in page_headers("n", "https://card.kissa.example")
    assert "Strict-Transport-Security" not in page_headers("n", "http://card.localhost")


@pytest.mark.parametrize(
    ("path", "status"), [("/card/no-such-program", 404), ("/console/nowhere", 404), ("/till/x/y", 404)]
)
async def test_an_error_is_a_page(faces: ServedFaces, path: str, status: int) -> None:
    answer = await faces.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == status
    assert "There is no such page" in answer.text


async def test_a_file_is_kept_for_ever_and_nothing_beside_them_is_handed_out(faces: ServedFaces) -> None:
    page = (await faces.get("/console/sign-in")).text
    urls = re.findall(r'"(/assets/[^"]+)"', page)
    assert urls
    for url in urls:
        file = await faces.world.http.get(faces.origin("console") + url)
        assert file.status_code == 200
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    for url in ("/assets/package.json", "/assets/..%2Fpackage.json", "/assets/console.js", "/assets/"):
        assert (await faces.world.http.get(faces.origin("console") + url)).status_code == 404


async def test_the_licences_of_what_is_served_stand_on_a_page(faces: ServedFaces) -> None:
    answer = await faces.world.http.get(f"{faces.origin('card')}/licences")
    assert "htmx.org" in answer.text
    assert "BSD" in answer.text


async def test_the_host_alone_leads_to_its_face(faces: ServedFaces) -> None:
    answer = await faces.world.http.get(f"{faces.origin('console')}/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")


async def test_what_a_strangers_page_asks_for_is_refused(faces: ServedFaces) -> None:
    asked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    answer = await faces.get("/console/sign-in", headers=asked)
    assert answer.status_code == 403
    linked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await faces.get("/console/sign-in", headers=linked)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "query", "language"),
    [
        ({}, "", "ja"),
        ({"Accept-Language": "en-GB,en;q=0.9,ja;q=0.8"}, "", "en"),
        ({"Accept-Language": "fr, ja;q=0.5"}, "", "ja"),
        ({"Accept-Language": "fr"}, "", "ja"),
        ({"Accept-Language": "ja"}, "?lang=en", "en"),
        ({"Accept-Language": "ja", "Cookie": "noren-lang=en"}, "", "en"),
        ({"Cookie": "noren-lang=en"}, "?lang=ja", "ja"),
        ({"Cookie": "noren-lang=<b>"}, "?lang=<b>", "ja"),
    ],
)
async def test_a_page_is_in_the_language_that_was_chosen_else_the_browsers(
    faces: ServedFaces, headers: dict[str, str], query: str, language: str
) -> None:
    answer: httpx.Response = await faces.get(f"/console/sign-in{query}", headers=headers)
    assert f'<html lang="{language}"' in answer.text


async def test_a_choice_of_language_is_remembered(faces: ServedFaces) -> None:
    kept = (await faces.get("/console/sign-in?lang=en")).headers["set-cookie"]
    assert kept.startswith("noren-lang=en;")
    assert "HttpOnly" in kept


def test_a_shared_origin_is_warned_of() -> None:
    shared = "http://localhost:8080"
    settings = Settings(
        database_url="", secret_key=b"", console_url=shared, card_url=shared, till_url="http://till.localhost"
    )
    (warning,) = find_warnings(settings)
    assert "NOREN_CONSOLE_URL and NOREN_CARD_URL are one origin" in warning
    assert find_warnings(Settings(database_url="", secret_key=b"", console_url=shared)) == []


async def test_a_form_that_is_too_large_is_refused_with_a_page(faces: ServedFaces) -> None:
    answer = await faces.post("/console/sign-in", {"program": "x" * 30_000}, Accept_Language="en")
    assert answer.status_code == 413
    assert "could not be read" in answer.text


async def test_the_api_answers_a_faces_host_as_any(faces: ServedFaces) -> None:
    answer = await faces.world.http.get(f"{faces.origin('card')}/v1/nowhere")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
