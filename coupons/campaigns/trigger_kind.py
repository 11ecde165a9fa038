"""What every kind of trigger is written with. Values only."""

from typing import cast

import msgspec

from coupons.campaigns.triggers import TriggerKind


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    @property
    def kind(self) -> TriggerKind:
        return cast("TriggerKind", self.__struct_config__.tag)
