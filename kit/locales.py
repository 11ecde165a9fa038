"""The languages that texts for members and staff are written in."""

from typing import Literal, get_args

Locale = Literal["ja", "en"]
LOCALES: tuple[Locale, ...] = get_args(Locale)
