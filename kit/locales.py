"""The languages that texts for members and staff are written in."""

from typing import Literal

Locale = Literal["ja", "en"]
