"""The pages behind the links of e-mails, for people: words, and a button that posts. Pure."""

from html import escape

from channels.mail.words import PAGES
from kit.locales import Locale

# No script, nothing from elsewhere; the address of the page holds whose it is, so it goes nowhere.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_STYLE = (
    "body{font-family:-apple-system,'Hiragino Sans','Noto Sans JP',sans-serif;line-height:1.7;max-width:32em;"
    "margin:15vh auto 0;padding:0 1.5em;color:#222}button{font:inherit;padding:.7em 2em}h1{font-size:1.4em}"
)


def show_page(name: str, locale: Locale, program_name: str) -> str:
    """The button posts to the page's own address, as mailboxes do for RFC 8058."""
    title, words, button = PAGES[name][locale]
    said = escape(words.replace("{program}", " ".join(program_name.split())))
    form = (
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        f"<button>{escape(button)}</button></form>"
        if button
        else ""
    )
    return (
        f'<!DOCTYPE html><html lang="{locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1><p>{said}</p>{form}</body></html>"
    )
