"""Which of our two languages a page is in: the one that was chosen on it, else what the browser asks for."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request
from litestar.datastructures import Cookie

from kit.locales import LOCALES, Locale

PARAMETER = "lang"
COOKIE = "noren-lang"
_YEAR_S = 365 * 24 * 3600


def chosen_language(request: Request[Any, Any, Any]) -> Locale | None:
    """What the address asks for. It is remembered."""
    return _known(request.query_params.get(PARAMETER, ""))


def language_of(request: Request[Any, Any, Any], default: Locale = "ja") -> Locale:
    """`default`: for who asks for neither of ours."""
    kept = chosen_language(request) or _known(request.cookies.get(COOKIE, ""))
    return kept or _first_accepted(request.headers.get("accept-language", "")) or default


def _known(text: str) -> Locale | None:
    return next((locale for locale in LOCALES if locale == text), None)


def _first_accepted(header: str) -> Locale | None:
    """Browsers send what they like best first, so the weights need no reading."""
    tags = (part.partition(";")[0].strip().lower().partition("-")[0] for part in header.split(","))
    return next((known for tag in tags if (known := _known(tag)) is not None), None)


def remember(locale: Locale, *, secure: bool) -> Cookie:
    return Cookie(key=COOKIE, value=locale, path="/", max_age=_YEAR_S, secure=secure, httponly=True, samesite="lax")


def other_language(request: Request[Any, Any, Any], locale: Locale) -> tuple[Locale, str]:
    """The other one, and this page's address in it. What came by a form is asked for anew."""
    other: Locale = "en" if locale == "ja" else "ja"
    query: bytes = request.scope["query_string"]
    kept = [(name, value) for name, value in parse_qsl(query.decode("latin-1")) if name != PARAMETER]
    return other, "?" + urlencode([*kept, (PARAMETER, other)])
