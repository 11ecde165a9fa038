"""Somebody signed in to the console over HTTP, who opens pages and sends their forms."""

import re
from dataclasses import dataclass

import httpx

from ids import StoreId
from programs.staff_repository import Role
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.forms import Fields, as_body
from tests.support.world import Chain, Person

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class SignedIn:
    faces: ServedFaces
    cookie: dict[str, str]

    async def open(self, path: str, language: str = "en") -> httpx.Response:
        return await self.get(path, **{"Accept-Language": language})

    async def read_form(self, path: str) -> dict[str, str]:
        """The hidden fields of a page."""
        page = await self.open(path)
        assert page.status_code == 200, page.text
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))

    async def send(self, path: str, form: dict[str, str]) -> httpx.Response:
        return await self.faces.post(path, form, **self.cookie, Accept_Language="en")

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.faces.get(path, headers=self.cookie | {"Accept-Language": "en"} | headers)

    async def post(self, path: str, fields: Fields, **headers: str) -> httpx.Response:
        """`fields`: in their order, some of one name, of the page's form with its token."""
        own = {"Accept-Language": "en", "Sec-Fetch-Site": "same-origin", "Content-Type": _FORM}
        return await self.faces.call("POST", path, content=as_body(fields), headers=self.cookie | own | headers)

    async def fill(self, path: str, *, at: str | None = None, **typed: str) -> httpx.Response:
        """Open the page with the form (at `at`), fill it in and send it."""
        return await self.send(path, await self.read_form(at or path) | typed)


async def sign_in(faces: ServedFaces, chain: Chain, person: Person, password: str = PASSWORD) -> SignedIn:
    answer = await faces.sign_in(chain, person, password=password)
    assert answer.status_code == 303, answer.text
    return SignedIn(faces, {"Cookie": answer.headers["set-cookie"].partition(";")[0]})


async def sign_in_as(faces: ServedFaces, chain: Chain, role: Role = "owner", *stores: StoreId) -> SignedIn:
    return await sign_in(faces, chain, await chain.add_person(role, *stores, password=PASSWORD))
