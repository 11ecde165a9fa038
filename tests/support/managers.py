"""A manager who is signed in to the console, without the form."""

from server.console.sessions import cookie_name
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
