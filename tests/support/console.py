"""Somebody of the staff who is signed in to the console, over HTTP and without a script."""

from dataclasses import dataclass

import httpx

from ids import StoreId
from programs.staff_repository import Role
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.forms import Fields, as_body
from tests.support.world import Chain

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Signed:
    faces: ServedFaces
    cookie: str

    async def get(self, path: str, **headers: str) -> httpx.Response:
        sent = {"Cookie": self.cookie, "Accept-Language": "en"} | headers
        return await self.faces.get(path, headers=sent)

    async def post(self, path: str, fields: Fields, **headers: str) -> httpx.Response:
        """`fields`: of the page's form, with its token."""
        sent = {"Cookie": self.cookie, "Accept-Language": "en", "Sec-Fetch-Site": "same-origin", "Content-Type": _FORM}
        return await self.faces.call("POST", path, content=as_body(fields), headers=sent | headers)


async def sign_in(faces: ServedFaces, chain: Chain, role: Role = "owner", *store_ids: StoreId) -> Signed:
    person = await chain.add_person(role, *store_ids, password=PASSWORD)
    answer = await faces.sign_in(chain, person)
    assert answer.status_code == 303, answer.text
    return Signed(faces, answer.headers["set-cookie"].partition(";")[0])
