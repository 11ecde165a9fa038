"""What a browser is told with each page: what it may load and run, and who may look in. Pure."""

from collections.abc import Mapping

import msgspec

# The one policy that a page may make (frontend/modules/shared/trusted_types.js).
_TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types noren"

# Of everything that a face's Host answers.
COMMON: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_TWO_YEARS = "max-age=63072000"


class Needs(msgspec.Struct, frozen=True):
    """What one page may do besides what all may. `connect`: origins that it may fetch from.

    `scripts`: origins whose scripts it runs. They are not written for Trusted Types, so such a page has none.
    """

    camera: bool = False
    geolocation: bool = False
    wasm: bool = False
    blob_images: bool = False
    connect: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


NOTHING = Needs()


def page_headers(nonce: str, origin: str, needs: Needs = NOTHING) -> dict[str, str]:
    """`nonce`: new for each answer. No frame, no script of a text; style stands in files."""
    own = {
        "Content-Security-Policy": _write_policy(nonce, needs),
        "Permissions-Policy": _write_permissions(needs),
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
    if origin.startswith("https://"):
        own["Strict-Transport-Security"] = _TWO_YEARS
    return {**COMMON, **own}


def _write_policy(nonce: str, needs: Needs) -> str:
    wasm = " 'wasm-unsafe-eval'" if needs.wasm else ""
    blob = " blob:" if needs.blob_images else ""
    connect = f"connect-src 'self' {' '.join(needs.connect)}; " if needs.connect else ""
    scripts = "".join(f" {origin}" for origin in needs.scripts)
    types = "" if needs.scripts else f"; {_TRUSTED_TYPES}"
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'{wasm}{scripts}; img-src 'self' data:{blob}; {connect}"
        f"object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{types}"
    )


def _write_permissions(needs: Needs) -> str:
    camera, geolocation = ("(self)" if wanted else "()" for wanted in (needs.camera, needs.geolocation))
    return f"camera={camera}, geolocation={geolocation}, microphone=(), payment=(), usb=()"
