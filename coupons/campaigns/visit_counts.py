"""How many visits a member has made, as campaigns count them: by the stores and the trust that each asks for. Pure."""

from collections.abc import Collection, Mapping

import msgspec

from ids import StoreId


class VisitCounts(msgspec.Struct, frozen=True):
    """`of`: by store and trust level (a place in visits.trust.TRUST_LEVELS). `before`: those that the program's file
    tells of, at whatever store.
    """

    of: Mapping[tuple[StoreId, int], int]
    before: int = 0

    def number(self, store_ids: Collection[StoreId] | None, min_trust_level: int) -> int:
        """The number of the last one. At some stores only those count that were recorded there."""
        counted = sum(
            count
            for (store_id, trust), count in self.of.items()
            if trust >= min_trust_level and (store_ids is None or store_id in store_ids)
        )
        return counted + self.before if store_ids is None else counted

    def without(self, store_id: StoreId, trust: int, former_trust: int | None) -> "VisitCounts":
        """As it was before that visit was made, or before it rose from `former_trust`."""
        of = dict(self.of)
        of[store_id, trust] = of.get((store_id, trust), 0) - 1
        if former_trust is not None:
            of[store_id, former_trust] = of.get((store_id, former_trust), 0) + 1
        return VisitCounts(of, self.before)
