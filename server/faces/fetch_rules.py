"""Which requests a page's routes take, by what the browser says of who makes them (Fetch Metadata). Pure.

https://www.w3.org/TR/fetch-metadata/ - every browser of today sends it, and no script can change it.
"""

from collections.abc import Mapping

_SAFE = frozenset({"GET", "HEAD"})


def may_ask(method: str, headers: Mapping[str, str], origin: str) -> bool:
    """`origin`: the face's own. What changes something comes from our own pages. A stranger's page may lead here by a
    link, and may not load, frame or fetch anything.
    """
    site = headers.get("sec-fetch-site")
    if method not in _SAFE:
        return site == "same-origin" if site is not None else headers.get("origin") == origin
    if site in (None, "same-origin", "none"):
        return True
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
