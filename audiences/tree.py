"""The tree by which an audience is written: conditions on a member, joined by and, or, not. Pure.

A condition is true, false or unknown of a member, and the joints follow Kleene's logic (`audiences.logic`).
"""

from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec

from ids import AudienceId, CampaignId, StoreId

Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
DayCount = Annotated[int, msgspec.Meta(ge=0, le=3650)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Words = Annotated[list[Word], msgspec.Meta(min_length=1, max_length=200)]
StoreIds = Annotated[list[StoreId], msgspec.Meta(min_length=1, max_length=1000)]
Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    pass


class AllOf(Node, frozen=True, kw_only=True, tag="and"):
    """True where all are, false where one is false; else unknown."""

    of: Annotated[list["Tree"], msgspec.Meta(min_length=1, max_length=200)]
    """The conditions."""


class AnyOf(Node, frozen=True, kw_only=True, tag="or"):
    """True where one is, false where all are false; else unknown."""

    of: Annotated[list["Tree"], msgspec.Meta(min_length=1, max_length=200)]
    """The conditions."""


class Not(Node, frozen=True, kw_only=True, tag="not"):
    """True where it is false, false where it is true; what is unknown stays so."""

    of: "Tree"
    """The condition."""


class AttributeIs(Node, frozen=True, kw_only=True, tag="attribute"):
    """An attribute of the member's profile. Give what fits its kind. Unknown where the profile has no value for it."""

    key: Word
    """Which attribute: one of the program's own by its key, or a standard one, such as `gender`."""
    is_one_of: Words | None = None
    """Of a text, or a choice: it is one of these. Of several choices: one of them is."""
    starts_with: Word | None = None
    """Of a text: how it begins."""
    at_least: float | None = None
    """Of a number: the least."""
    at_most: float | None = None
    """Of a number: the greatest."""
    from_day: date | None = None
    """Of a date: the first day."""
    to_day: date | None = None
    """Of a date: the last day."""
    is_yes: bool | None = None
    """Of a yes or no: which."""


class AgeIs(Node, frozen=True, kw_only=True, tag="age"):
    """How old the member is, in years. Unknown without the year of birth, and without the day only where it matters."""

    at_least: Annotated[int, msgspec.Meta(ge=0, le=150)] | None = None
    """The least."""
    at_most: Annotated[int, msgspec.Meta(ge=0, le=150)] | None = None
    """The greatest."""


class BirthdayIn(Node, frozen=True, kw_only=True, tag="birthday"):
    """How many days there are to the next birthday: 0 is today. 29 February falls on the 28th in common years."""

    at_least_days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 0
    """The least."""
    at_most_days: Annotated[int, msgspec.Meta(ge=0, le=366)]
    """The greatest."""


class VisitCount(Node, frozen=True, kw_only=True, tag="visits"):
    """How many visits the member has made."""

    at_least: Count | None = None
    """The least."""
    at_most: Count | None = None
    """The greatest."""
    store_ids: StoreIds | None = None
    """Only those at these stores count. Null: at every store."""
    within_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None
    """Only those of so many days count: 1 is today. Null: all of them."""


class LastVisit(Node, frozen=True, kw_only=True, tag="last_visit"):
    """How many days ago the last visit was. False for who has never come."""

    at_least_days: DayCount | None = None
    """The least."""
    at_most_days: DayCount | None = None
    """The greatest."""


class VisitCycle(Node, frozen=True, kw_only=True, tag="visit_cycle"):
    """How many days lie between two visits, on average. Unknown before the second visit."""

    at_least_days: Annotated[float, msgspec.Meta(ge=0, le=3650)] | None = None
    """The least."""
    at_most_days: Annotated[float, msgspec.Meta(ge=0, le=3650)] | None = None
    """The greatest."""


class PurchaseTotal(Node, frozen=True, kw_only=True, tag="purchases"):
    """How often the member has bought, or for how much. What was given back whole does not count.

    With `item_codes` or `categories`, of these articles alone. Unknown as far as tills have not told what was bought: a
    bill without lines, a line without a code or category where that is asked for, a part that came back untold.
    """

    measure: Literal["count", "amount"]
    """How many purchases (of articles: hold one), or their amount (of articles: of their lines) in minor units."""
    item_codes: Words | None = None
    """Only articles of these numbers count, and those of `categories`. Null and no `categories`: whatever it was."""
    categories: Words | None = None
    """Only articles of these categories count, and those of `item_codes`."""
    at_least: Count | None = None
    """The least."""
    at_most: Count | None = None
    """The greatest."""
    store_ids: StoreIds | None = None
    """Only those at these stores count. Null: at every store."""
    within_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None
    """Only those of so many days count: 1 is today. Null: all of them."""


class LastPurchase(Node, frozen=True, kw_only=True, tag="last_purchase"):
    """How many days ago the last purchase was. False for who has never bought."""

    at_least_days: DayCount | None = None
    """The least."""
    at_most_days: DayCount | None = None
    """The greatest."""


class PointsHeld(Node, frozen=True, kw_only=True, tag="points"):
    """How many points the member has."""

    at_least: Count | None = None
    """The least."""
    at_most: Count | None = None
    """The greatest."""


class TagIs(Node, frozen=True, kw_only=True, tag="tag"):
    """Whether the staff have put a tag on the member. Tags are free text, which may weigh somebody up: unknown without
    the consent to profiling.
    """

    is_one_of: Words
    """One of these."""


class RankIs(Node, frozen=True, kw_only=True, tag="rank"):
    """Which rank the member has."""

    is_one_of: Words
    """The codes of the ranks. False for who has none."""


class StampsHeld(Node, frozen=True, kw_only=True, tag="stamps"):
    """How many stamps the member has been given, and not had taken back."""

    card: Word | None = None
    """The stamp card's code: those on the card that is being filled count. Null: all on all cards, ever."""
    at_least: Count | None = None
    """The least."""
    at_most: Count | None = None
    """The greatest."""


class CouponHeld(Node, frozen=True, kw_only=True, tag="coupon"):
    """Whether the member has a coupon, or has had one. Never used: `not` around `used`."""

    state: Literal["issued", "usable", "used"]
    """`issued`: has ever been given one. `usable`: could use one now. `used`: has used one."""
    campaign_id: CampaignId | None = None
    """Only coupons of this campaign count. Null: of every campaign."""


class ConsentIs(Node, frozen=True, kw_only=True, tag="consent"):
    """Whether the member consents to it now; who was never asked does not."""

    purpose: Literal["location", "push", "email", "sms", "voice", "profiling"]
    """To what."""


class PlatformIs(Node, frozen=True, kw_only=True, tag="platform"):
    """What kind of phone the member is signed in on; `web` is a browser."""

    is_one_of: Annotated[list[Literal["ios", "android", "web"]], msgspec.Meta(min_length=1, max_length=3)]
    """One of these."""


class ReachableBy(Node, frozen=True, kw_only=True, tag="reachable"):
    """Whether a message would reach the member: the program sends by that channel, the member has an address there that
    takes messages (no phone that was unseen for 30 days, no mailbox that refuses), and consents.
    """

    by: Literal["push", "email", "line", "sms", "voice"]
    """By which channel."""


class HomeStoreIs(Node, frozen=True, kw_only=True, tag="home_store"):
    """The store where the member has joined. Unknown where they joined at none."""

    is_one_of: StoreIds
    """One of these."""


class InArea(Node, frozen=True, kw_only=True, tag="area"):
    """Where the member is at home: by the store where they joined, or by their postal code. Unknown without that, and
    where its place is not known. Give a polygon, or a store or place with a radius.
    """

    by: Literal["home_store", "postal_code"] = "home_store"
    """By the home store, or by the postal code of the profile, whose place the server's operator has told."""

    polygon: (
        Annotated[
            list[Annotated[list[Degrees], msgspec.Meta(min_length=2, max_length=2)]],
            msgspec.Meta(min_length=4, max_length=1000),
        ]
        | None
    ) = None
    """The corners as longitude and latitude (WGS 84), the first once more at the end."""
    store_id: StoreId | None = None
    """The store in the middle."""
    center: Annotated[list[Degrees], msgspec.Meta(min_length=2, max_length=2)] | None = None
    """The place in the middle, as longitude and latitude (WGS 84)."""
    radius_m: Annotated[int, msgspec.Meta(ge=1, le=2_000_000)] | None = None
    """How far from the middle, in metres."""


class JoinedAgo(Node, frozen=True, kw_only=True, tag="joined"):
    """How many days ago the member joined."""

    at_least_days: DayCount | None = None
    """The least."""
    at_most_days: DayCount | None = None
    """The greatest."""


class InAudience(Node, frozen=True, kw_only=True, tag="audience"):
    """Whether the member is in another saved audience."""

    audience_id: AudienceId
    """The audience."""
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Which version of it. Null: the newest at the time at which this is saved, or counted."""


Leaf: TypeAlias = (
    AttributeIs
    | AgeIs
    | BirthdayIn
    | VisitCount
    | LastVisit
    | VisitCycle
    | PurchaseTotal
    | LastPurchase
    | PointsHeld
    | RankIs
    | TagIs
    | StampsHeld
    | CouponHeld
    | ConsentIs
    | PlatformIs
    | ReachableBy
    | HomeStoreIs
    | InArea
    | JoinedAgo
    | InAudience
)
Tree: TypeAlias = AllOf | AnyOf | Not | Leaf

_encode_leaf = msgspec.json.Encoder(order="deterministic").encode


def children_of(tree: Tree) -> list[Tree]:
    if isinstance(tree, AllOf | AnyOf):
        return tree.of
    return [tree.of] if isinstance(tree, Not) else []


def key_of(leaf: Leaf) -> bytes:
    """The same for leaves that say the same."""
    return _encode_leaf(leaf)
