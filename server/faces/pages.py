"""From a template to an answer: words, language, nonce, headers."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import Cookie, State

from kit.locales import Locale
from server.faces.assets import FRONTEND, read_assets
from server.faces.headers import NOTHING, Needs, page_headers
from server.faces.hosts import Face, Faces, face_of
from server.faces.languages import chosen_language, language_of, other_language, remember
from server.faces.words import COMMON, Words, in_language

PageRequest: TypeAlias = Request[Any, Any, State]

# Whatever stands in a template is escaped, and a name that it misspells is an error.
_TEMPLATES = Environment(
    loader=FileSystemLoader(FRONTEND / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


def faces_of(request: PageRequest) -> Faces:
    faces: Faces = request.app.state.faces
    return faces


def find_face(request: PageRequest) -> Face:
    """Of the path, where this Host serves it; else of the Host. The guards have let in no other Host."""
    here = faces_of(request).of_host(request.headers.get("host", ""))
    face = face_of(request.scope["path"])
    return face if face in here else min(here)


def origin_of(request: PageRequest) -> str:
    """The face's own, as the operator has set it: what the Host and a proxy say is no proof of it."""
    return faces_of(request).origins[find_face(request)]


def show_page(
    request: PageRequest,
    template: str,
    words: Words,
    *,
    locale: Locale | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    cookies: Sequence[Cookie] = (),
    needs: Needs = NOTHING,
    **values: object,
) -> Response[str]:
    """`locale`: where the browser asks for neither of ours. `needs`: what the page's policy allows besides."""
    language = language_of(request, locale or "ja")
    chosen, origin = chosen_language(request), origin_of(request)
    nonce = secrets.token_urlsafe(16)
    other_url = other_language(request, language)[1]
    text = render(template, words, language, find_face(request), nonce=nonce, other_url=other_url, **values)
    kept = [] if chosen is None else [remember(chosen, secure=origin.startswith("https://"))]
    return Response(
        text,
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={**page_headers(nonce, origin, needs), "Vary": "Accept-Language, Cookie", **(headers or {})},
        cookies=[*cookies, *kept],
    )


def render(template: str, words: Words, language: Locale, face: Face, **values: object) -> str:
    """The text alone. `values` hold the nonce and the address of the page in the other language, too."""
    assets = read_assets()
    return _TEMPLATES.get_template(template).render(
        t=in_language(language, COMMON, words),
        lang=language,
        asset=assets.urls,
        modules=assets.modules[face],
        import_map=assets.import_map(face),
        face=face,
        other_lang="en" if language == "ja" else "ja",
        **values,
    )


def lead_to(url: str, cookies: Sequence[Cookie] = ()) -> Response[None]:
    """After a form: the browser asks for the page, and a reload sends nothing twice."""
    headers = {"Location": url, "Cache-Control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=list(cookies))
