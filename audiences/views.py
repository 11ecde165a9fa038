"""What is read of a member to judge audiences: the facts, and what the trees ask for besides. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from audiences.facts import MemberFacts
from audiences.tree import (
    AgeIs,
    AttributeIs,
    BirthdayIn,
    ConsentIs,
    CouponHeld,
    InArea,
    PlatformIs,
    PurchaseTotal,
    ReachableBy,
    StampsHeld,
    TagIs,
    Tree,
    VisitCount,
    children_of,
    key_of,
)
from ids import CampaignId, StoreId


class HeldCoupon(msgspec.Struct, frozen=True):
    """`is_issued`: the person has it, or had it until it was used or expired. `is_usable`: not used up, nor
    voided, nor withdrawn, whether or not it has expired.
    """

    campaign_id: CampaignId
    expires_at: datetime
    is_issued: bool
    is_used: bool
    is_usable: bool


class PastVisit(msgspec.Struct, frozen=True):
    store_id: StoreId
    business_day: date
    first_at: datetime


class BoughtItem(msgspec.Struct, frozen=True):
    """A line of a bill, as far as audiences ask for it."""

    quantity: float
    amount: int
    code: str | None = None
    category: str | None = None
    returned_quantity: float = 0
    returned_amount: int = 0


decode_items = msgspec.json.Decoder(list[BoughtItem]).decode


class PastPurchase(msgspec.Struct, frozen=True):
    """`amount`: less what was given back, of which so much came back `untold`, without its lines. `items`: the lines
    as they are stored, where they were asked for.
    """

    store_id: StoreId
    purchased_at: datetime
    amount: int
    untold: int
    items: Sequence[BoughtItem]


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """`attributes`: what the profile has, by key. `birthday` as `moment.month_and_day`. `judged`: what the database
    says of a leaf for which only it has what is asked, by its `key_of`. `stamps_on`: by the card's code, those on the
    card being filled.
    """

    facts: MemberFacts
    birth_year: int | None = None
    birthday: int | None = None
    attributes: Mapping[str, object] = {}
    consents: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    judged: Mapping[bytes, bool | None] = {}
    stamps_on: Mapping[str, int] = {}
    coupons: Sequence[HeldCoupon] = ()
    visits: Sequence[PastVisit] = ()
    purchases: Sequence[PastPurchase] = ()


class Needs(msgspec.Struct, kw_only=True):
    """What must be read for some trees besides the facts. `coupons_of`: of which campaigns; None stands for all.

    `visit_days`, `purchase_days`: how many days back; None: no rows are needed. `items`: the lines of purchases too.
    `judged`: leaves that the database judges, by their `key_of`.
    """

    profile: bool = False
    reach: bool = False
    tags: bool = False
    judged: dict[bytes, InArea | ReachableBy] = {}
    stamp_cards: set[str] = set()
    coupons_of: set[CampaignId | None] = set()
    visit_days: int | None = None
    purchase_days: int | None = None
    items: bool = False


_EVER_DAYS = 100_000


def needs_of(trees: Iterable[Tree]) -> Needs:
    needs = Needs()
    for tree in trees:
        _add(needs, tree)
    return needs


def join_needs(several: Iterable[Needs]) -> Needs:
    """Of all of them together."""
    joined = Needs()
    for each in several:
        joined.profile |= each.profile
        joined.reach |= each.reach
        joined.tags |= each.tags
        joined.judged |= each.judged
        joined.stamp_cards |= each.stamp_cards
        joined.coupons_of |= each.coupons_of
        joined.visit_days = _longer(joined.visit_days, each.visit_days)
        joined.purchase_days = _longer(joined.purchase_days, each.purchase_days)
        joined.items |= each.items
    return joined


def _longer(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def needs_rows(leaf: VisitCount | PurchaseTotal) -> bool:
    """Whether the facts alone do not answer it."""
    return leaf.store_ids is not None or leaf.within_days is not None or of_items(leaf)


def of_items(leaf: VisitCount | PurchaseTotal) -> bool:
    """Whether it asks for articles, and not for whole purchases."""
    return isinstance(leaf, PurchaseTotal) and (leaf.item_codes is not None or leaf.categories is not None)


_PARTS: Mapping[type, str] = {
    AttributeIs: "profile",
    AgeIs: "profile",
    BirthdayIn: "profile",
    ConsentIs: "reach",
    PlatformIs: "reach",
    TagIs: "tags",
}


def _add(needs: Needs, tree: Tree) -> None:
    for child in children_of(tree):
        _add(needs, child)
    if (part := _PARTS.get(type(tree))) is not None:
        setattr(needs, part, True)
    elif isinstance(tree, InArea | ReachableBy):
        needs.judged[key_of(tree)] = tree
    elif isinstance(tree, StampsHeld):
        needs.stamp_cards |= set() if tree.card is None else {tree.card}
    elif isinstance(tree, CouponHeld):
        if tree.campaign_id is not None or tree.state == "usable":
            needs.coupons_of.add(tree.campaign_id)
    elif isinstance(tree, VisitCount) and needs_rows(tree):
        needs.visit_days = max(needs.visit_days or 0, tree.within_days or _EVER_DAYS)
    elif isinstance(tree, PurchaseTotal) and needs_rows(tree):
        needs.purchase_days = max(needs.purchase_days or 0, tree.within_days or _EVER_DAYS)
        needs.items |= of_items(tree)
