"""Values as the environment holds them: read one by one, each fault kept, so that all are told at once."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

T = TypeVar("T", bound=str)

# Nothing that ends a directive of a CSP, or begins another.
_STYLE_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9/._~%?&=@+-]*)?")

# What Kubernetes puts beside our settings where a service is called `noren` (its "service links").
_SERVICE_LINK = re.compile(r"NOREN_(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP)\w*)")
_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+(%\w+)?\]|[^\[\]:]*)(:(?P<port>\d{1,5}))?")


class BadSetting(ValueError):
    """Names the setting and says what it must be. Never carries the value: it may be a secret."""

    def __init__(self, name: str, must: str) -> None:
        super().__init__(f"{name} {must}")
        self.name = name


class BadSettings(ValueError):
    """All faults that were found, a line each."""

    def __init__(self, faults: Sequence[BadSetting]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


class Reading:
    """One pass over the environment. What is wrong is kept in `faults`, and read as if it were not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[BadSetting] = []

    def refuse(self, name: str, must: str) -> None:
        self.faults.append(BadSetting(name, must))

    def finish(self) -> None:
        """Raises BadSettings where anything was refused."""
        if self.faults:
            raise BadSettings(self.faults)

    def text(self, name: str) -> str | None:
        return self._environ.get(name, "").strip() or None

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        must = f"must be a whole number from {least} to {most}"
        if text.startswith("tcp://"):
            must += "; Kubernetes sets it for a service called noren: set enableServiceLinks to false in the pod"
        self.refuse(name, must)
        return default

    def choice(self, name: str, choices: tuple[T, ...], default: T) -> T:
        text = self.text(name)
        chosen = default if text is None else next((choice for choice in choices if choice == text), None)
        if chosen is None:
            self.refuse(name, f"must be one of {', '.join(choices)}")
        return chosen or default

    def checked(self, name: str, find_fault: Callable[[str], str | None]) -> str | None:
        """A text in which `find_fault` finds nothing; it answers with what the value must be."""
        text = self.text(name)
        must = None if text is None else find_fault(text)
        if must is not None:
            self.refuse(name, must)
            return None
        return text

    def file(self, name: str) -> Path | None:
        def find_fault(text: str) -> str | None:
            return None if Path(text).is_file() else "must be the path of a file that can be read"

        text = self.checked(name, find_fault)
        return None if text is None else Path(text)

    def file_to_write(self, name: str) -> Path | None:
        def find_fault(text: str) -> str | None:
            usable = Path(text).parent.is_dir() and not Path(text).is_dir()
            return None if usable else "must be the path of a file in a folder that is there"

        text = self.checked(name, find_fault)
        return None if text is None else Path(text)

    def url(self, name: str) -> str | None:
        return self.checked(name, _find_url_fault)

    def secret(self, name: str) -> bytes:
        """It must be set."""
        try:
            key = base64.b64decode(self._environ.get(name, ""), validate=True)
        except binascii.Error:
            key = b""
        if len(key) < 32:
            self.refuse(
                name, "must be 32 or more random bytes in base64 (make one with: head -c 32 /dev/urandom | base64)"
            )
        return key

    def together(self, name: str, needed: str) -> None:
        """`name` says something about `needed`, and is of no use without it."""
        if self.text(name) is not None and self.text(needed) is None:
            self.refuse(name, f"must not be set without {needed}")

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """A misspelt setting would pass in silence, and its default rule."""
        for name in sorted(self._environ):
            if name.startswith("NOREN_") and name not in known and not _SERVICE_LINK.fullmatch(name):
                near = get_close_matches(name, known, n=1)
                self.refuse(name, f"is no setting; did you mean {near[0]}?" if near else "is no setting")


def find_database_url_fault(url: str) -> str | None:
    """What the URL must be, where it is none that asyncpg reads as it was meant. Never quotes the URL."""
    if not url.startswith(("postgresql://", "postgres://")):
        return "must be a PostgreSQL URL, such as postgresql://noren@db.internal/noren"
    authority = url.partition("://")[2]
    before_query = authority.partition("?")[0]
    if "#" in url or "@" in before_query.partition("/")[2]:
        return "must have # / ? and @ in a name or password written as %23 %2F %3F and %40"
    account, _, hosts = before_query.partition("/")[0].rpartition("@")
    if re.search(r"%(?![0-9A-Fa-f]{2})", account) or "\0" in unquote(account):
        return "must have % in a name or password written as %25"
    for host in hosts.split(","):
        matched = _HOST_AND_PORT.fullmatch(host)
        if matched is None or not 0 < int(matched["port"] or 5432) < 65_536:
            return (
                "must have a host, and after it at most a port from 1 to 65535 "
                "(# / ? @ and : in a password are written as %23 %2F %3F %40 and %3A)"
            )
    return None


def find_networks_fault(text: str) -> str | None:
    """Of addresses and networks with commas between them."""
    for part in text.split(","):
        try:
            ipaddress.ip_network(part.strip())
        except ValueError:
            return "must be addresses or networks with commas between them, such as 10.0.0.7, 10.1.0.0/16"
    return None


def find_origins_fault(text: str) -> str | None:
    """Of web origins (RFC 6454) with commas between them."""
    for part in text.split(","):
        if not _is_origin(part.strip()):
            return "must be origins with commas between them, such as https://staff.kissa.example, without a path"
    return None


def find_page_origin_fault(text: str) -> str | None:
    """Of a web origin on which pages may keep keys: browsers let them do so over TLS, and on the very machine."""
    if _is_origin(text) and (text.startswith("https://") or _is_of_this_machine(urlsplit(text).hostname or "")):
        return None
    return "must be one origin with https:// (http:// only for localhost), such as https://card.kissa.example"


def _is_of_this_machine(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")


def find_urls_fault(text: str) -> str | None:
    """Of addresses with commas between them."""
    if any(_find_url_fault(url.strip()) for url in text.split(",")):
        return "must be http:// or https:// URLs with commas between them"
    return None


def find_base_map_fault(text: str) -> str | None:
    """Of a file of tiles, or of a style's URL with further origins behind it: these go into a header, as they are."""
    first, *more = text.split()
    if not first.startswith(("https://", "http://")):
        is_tiles = text.endswith(".pmtiles") and Path(text).is_file()
        return None if is_tiles else "must be the path of a .pmtiles file that can be read, or the URL of a style"
    if _STYLE_URL.fullmatch(first) and all(_is_origin(each) and _STYLE_URL.fullmatch(each) for each in more):
        return None
    return (
        "must be the URL of a style and, with spaces between, the other origins that it loads from:"
        " https://maps.example/style.json https://tiles.example"
    )


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return is_usable and text == f"{parts.scheme}://{parts.netloc}" and not {"@", "*"} & set(text)


def _find_url_fault(url: str) -> str | None:
    must = "must be an http:// or https:// URL"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        return must
    return None if usable else must
