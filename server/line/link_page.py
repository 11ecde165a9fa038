"""Addresses of the program's own app, as the chat opens it."""

from urllib.parse import urlencode


def add_parameter(url: str, name: str, value: str) -> str:
    """Behind what the address has already, and before its fragment."""
    base, mark, fragment = url.partition("#")
    return f"{base}{'&' if '?' in base else '?'}{urlencode({name: value})}{mark}{fragment}"
