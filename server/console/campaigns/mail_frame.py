"""An e-mail of a campaign in a frame of its own: as the renderer makes it, and without anything that could run."""

from litestar import Response

from server.faces.headers import COMMON
from server.messages.message_previews import EmailPreview

# `sandbox`: no script, no form, no origin. The mail brings its styles with it, as mails do; its pictures are ours.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox"
)
_HEADERS = {**COMMON, "Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def show_mail(mail: EmailPreview | None) -> Response[str]:
    html = "" if mail is None else mail.html
    return Response(html, status_code=200, media_type="text/html; charset=utf-8", headers=dict(_HEADERS))
