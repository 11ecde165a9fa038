"""A manager who is signed in to the console, without the form."""

from dataclasses import dataclass
from typing import Any

import httpx

from kit.ids import from_text
from server.console.sessions import cookie_name, make_csrf_token
from server.web.services import Services
from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import Chain, Person


async def open_map(faces: ServedFaces, visitor: Visitor, path: str = "/console/map") -> None:
    """Until it has drawn all that it shows first."""
    # Of a machine without a graphics card, and nothing of ours.
    visitor.expect_complaint("GL Driver Message")
    await visitor.page.goto(faces.url(path))
    await visitor.page.wait_for_selector("[data-map-idle]")


async def sign_in(faces: ServedFaces, visitor: Visitor, chain: Chain, person: Person | None = None) -> Person:
    """An owner of the chain, where nobody is named."""
    person = person or await chain.add_person("owner")
    origin = faces.origin("console")
    secret = (person.session.token or "").partition("_")[2]
    await visitor.context.add_cookies(
        [{"name": cookie_name(origin), "value": secret, "url": origin, "httpOnly": True, "sameSite": "Lax"}]
    )
    return person


@dataclass(frozen=True)
class PageCaller:
    """Somebody whose browser asks for pages and sends forms, without a browser."""

    faces: ServedFaces
    cookie: dict[str, str]
    csrf: str
    secret: bytes

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.faces.get(path, headers=self.cookie | headers)

    async def post(self, path: str, form: dict[str, str], **request: Any) -> httpx.Response:
        own = {"Sec-Fetch-Site": "same-origin"} | self.cookie
        return await self.faces.call("POST", path, data=form | {"csrf": self.csrf}, headers=own, **request)


async def as_person(faces: ServedFaces, person: Person) -> PageCaller:
    secret = (person.session.token or "").partition("_")[2]
    services: Services = faces.app.state.services
    cookie = {"Cookie": f"{cookie_name(faces.origin('console'))}={secret}"}
    return PageCaller(faces, cookie, make_csrf_token(services.keyring, from_text(secret)), from_text(secret))
