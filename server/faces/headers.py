"""What a browser is told with each page: what it may load and run, and who may look in. Pure."""

from collections.abc import Mapping

# The one policy that a page may make (frontend/modules/trusted_types.js).
_TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types noren"

# Of everything that a face's Host answers.
COMMON: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Nobody has asked for these yet; whoever needs one takes it out.
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
_TWO_YEARS = "max-age=63072000"


def page_headers(nonce: str, origin: str) -> dict[str, str]:
    """`nonce`: new for each answer. No address but our own, no frame, no script of a text; style stands in files."""
    policy = (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; img-src 'self' data:; object-src 'none'; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action 'self'; {_TRUSTED_TYPES}"
    )
    own = {
        "Content-Security-Policy": policy,
        "Permissions-Policy": _PERMISSIONS,
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
    if origin.startswith("https://"):
        own["Strict-Transport-Security"] = _TWO_YEARS
    return {**COMMON, **own}
