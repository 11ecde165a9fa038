"""The bounds of a geofence's settings, whichever way they come in: one by one, or in a chain's file. Pure."""

from typing import Annotated

import msgspec

ExitMarginM = Annotated[float, msgspec.Meta(ge=0, le=1000)]
ExitConfirmS = Annotated[float, msgspec.Meta(ge=0, le=3600)]
ExitConfirmFixes = Annotated[int, msgspec.Meta(ge=1, le=20)]
DwellS = Annotated[float, msgspec.Meta(ge=10, le=86_400)]
