"""Every form of the console with what no form of ours would send: it is refused, and no handler breaks."""

import re

from server.console.page_access import PAGES
from server.faces.assets import FRONTEND
from tests.support.faces import ServedFaces
from tests.support.managers import as_person
from tests.support.stage import set_stage

URLENCODED = "application/x-www-form-urlencoded"
# After it, there is nobody signed in.
LAST = {"/console/sign-out"}
VALUES = (
    "", "%00", "%ED%A0%80", "%FF", "%F0%9F%98%80%E2%80%AE", "x" * 9000, "-1", "9" * 15, "9" * 400, "1e309", "NaN",
    "9999-12-31", "0001-01-01T00:00", "2026-02-30", "24:00", "[]", "start", "1",
)  # fmt: skip
FILE = 'Content-Disposition: form-data; name="a"; filename="b"'
BODIES = (
    (URLENCODED, ""),
    (URLENCODED, "%"),
    ("application/json", "{}"),
    ("multipart/form-data", "x"),
    ("multipart/form-data; boundary=x", "--x\r\nbroken"),
    (
        "multipart/form-data; boundary=x",
        '--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nz\r\n--x--',
    ),
)


def find_names() -> list[str]:
    """Of all fields of the console's forms."""
    texts = [file.read_text(encoding="utf-8") for file in (FRONTEND / "templates/console").rglob("*.html")]
    return sorted({name for text in texts for name in re.findall(r' name="(\w+)"', text)} - {"csrf"})


def find_bodies() -> list[tuple[str, str]]:
    names = find_names()
    filled = [(URLENCODED, "&".join(f"{name}={value}" for name in names)) for value in VALUES]
    # A form that says what to do, and nothing else that can be read.
    return [*BODIES, *filled, (URLENCODED, "move=start&version=x"), (URLENCODED, "move=start")]


async def test_no_form_breaks_its_page(faces: ServedFaces) -> None:
    stage = await set_stage(await faces.world.add_chain())
    person = await as_person(faces, await stage.chain.add_person("owner"))
    broken = []
    for path in sorted(path for method, path in PAGES if method == "POST" and path not in LAST):
        address = stage.path(path.replace("{action}", "block"))
        for kind, body in find_bodies():
            own = {"Sec-Fetch-Site": "same-origin", "X-CSRF-Token": person.csrf, "Content-Type": kind}
            answer = await faces.call("POST", address, content=body, headers=person.cookie | own)
            assert answer.status_code != 403, (path, "it is not asked at all")
            if answer.status_code >= 500:
                broken.append((path, kind, body[:60]))
    assert broken == []
