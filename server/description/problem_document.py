"""The body of a problem (RFC 9457) as the API's description has it; a test compares it with `server.problems`."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType


class InvalidRow(msgspec.Struct, frozen=True):
    index: int
    """Which row of the file, from 0."""
    reason: str
    """What is wrong with it, in English."""


class FailingPart(msgspec.Struct, frozen=True):
    part: Literal["database", "schema", "key", "catalogue", "shutdown"]
    """What fails."""
    reason: str
    """Why, and what mends it, in English."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not answered. Decide by `type`, which never changes its meaning.

    The members behind `detail` come with the types that their descriptions name.
    """

    type: str
    """What went wrong. docs/problems.md says what to do about each."""
    title: str
    """The type in words, the same for every problem of the type."""
    status: int
    """The status code of the answer."""
    detail: str
    """What to do, as a sentence for a person. It may change."""
    reason: str | UnsetType = UNSET
    """With `card-code-refused`, `card-key-unusable`, `contact-unusable`, `coupon-conditions-unmet`,
    `location-unusable`, `paper-code-refused`, `picture-unusable`, `purchase-time-out-of-range` and
    `store-code-refused`: why it was not taken, as a word to decide by."""
    off_by_s: int | UnsetType = UNSET
    """With `card-code-refused`: how many seconds the code is ahead of our clock; negative when it is behind."""
    challenge: str | UnsetType = UNSET
    """With `second-factor-required`: what the code is sent with, for five minutes."""
    methods: list[Literal["authenticator", "recovery_code", "passkey"]] | UnsetType = UNSET
    """With `second-factor-required`: what the person has. A passkey works in the console only."""
    redeemed_at: datetime | UnsetType = UNSET
    """With `already-redeemed`: when the coupon was used, where it is known."""
    expired_at: datetime | UnsetType = UNSET
    """With `coupon-expired`: when it ended."""
    voided_at: datetime | UnsetType = UNSET
    """With `coupon-voided`: since when it is."""
    withdrawn_at: datetime | UnsetType = UNSET
    """With `coupon-withdrawn`: when it was withdrawn."""
    withdrawal_reason: str | UnsetType = UNSET
    """With `coupon-withdrawn`: why, in the cashier's language."""
    held_until: datetime | UnsetType = UNSET
    """With `coupon-reserved`: when the receipt that holds the coupon lets go of it."""
    usable_from: datetime | UnsetType = UNSET
    """With `coupon-conditions-unmet`: from when on the coupon can be used, where it is too early."""
    missing: int | UnsetType = UNSET
    """With `coupon-conditions-unmet`: how much is missing of what the basket must come to, in minor units."""
    message: str | UnsetType = UNSET
    """With `coupon-conditions-unmet`: what to tell the shopper, in the cashier's language."""
    version: int | UnsetType = UNSET
    """With `campaign-changed`: the version that the campaign has now."""
    coupon_id: UUID | UnsetType = UNSET
    """With `coupon-conditions-unmet`: the coupon whose conditions are not met."""
    campaigns: list[str] | UnsetType = UNSET
    """With `attribute-in-use` and `audience-in-use`: the names of campaigns that choose members by it."""
    audiences: list[str] | UnsetType = UNSET
    """With `audience-in-use`: the names of audiences that refer to it."""
    unused_coupons: int | UnsetType = UNSET
    """With `more-coupons-unused`: how many coupons would be withdrawn now."""
    balance: int | UnsetType = UNSET
    """With `insufficient-points`: how many points there are."""
    left: int | UnsetType = UNSET
    """With `refund-exceeds-purchase` and `void-exceeds-spend`: the amount, or how many points, can still be given
    back."""
    member_ids: list[UUID] | UnsetType = UNSET
    """With `receipt-shared`: the members who hold the receipt, one of whom is to be named. With `too-many-tags`: those
    who would have too many."""
    at: str | UnsetType = UNSET
    """With `invalid-audience`: where in the tree the fault is, such as `tree.of[1]`. With `returned-item-unknown`:
    which line, such as `items[0]`."""
    import_id: UUID | UnsetType = UNSET
    """With `import-running`: the import that is not over."""
    name: str | UnsetType = UNSET
    """With `import-running`: what its file is called."""
    proof: Literal["code", "card_code"] | UnsetType = UNSET
    """With `proof-required`: which proof is asked for, a code that was sent or the code that the card shows."""
    stands_at: datetime | UnsetType = UNSET
    """With `proof-too-new`: from when on the contact, or the card on this phone, proves the member."""
    tries_left: int | UnsetType = UNSET
    """With `incorrect-code` and `incorrect-answer`: how many more guesses there are."""
    pointer: str | UnsetType = UNSET
    """With `invalid-geofence`: where in the shape the fault is (a JSON pointer, RFC 6901)."""
    attribute: str | UnsetType = UNSET
    """With `attribute-unusable`: the key of the attribute that is to be corrected."""
    failing: list[FailingPart] | UnsetType = UNSET
    """With `not-ready`: each part of the process that keeps it from its work."""
    rows: list[InvalidRow] | UnsetType = UNSET
    """With `invalid-rows`: every row that has to be corrected."""
