"""Every problem that the API can answer with (RFC 9457): its stable type, its status and its title.

docs/problems.md lists them for the engineers who build against the API; a test holds the two together.
"""

from typing import Any

import msgspec

TYPE_PREFIX = "urn:noren:problem:"

# type -> (status, title). A type never changes its meaning.
PROBLEMS: dict[str, tuple[int, str]] = {
    "invalid-request": (400, "The request is not valid"),
    "invalid-cursor": (400, "The cursor is not one that a page gave"),
    "unauthenticated": (401, "No valid credential was presented"),
    "webhook-refused": (401, "The webhook is not signed by whom it says"),
    "login-failed": (401, "The login is not right"),
    "second-factor-required": (401, "The log-in needs a second factor"),
    "second-factor-wrong": (401, "The code is not right"),
    "second-factor-expired": (401, "The log-in has to begin anew"),
    "app-check-failed": (403, "The app has not shown that it is genuine"),
    "forbidden": (403, "This credential may not do that"),
    "second-factor-missing": (403, "The program demands a second factor"),
    "member-blocked": (403, "The member is blocked"),
    "not-found": (404, "There is no such thing here"),
    "method-not-allowed": (405, "This path does not take that method"),
    "attribute-in-use": (409, "A campaign chooses members by the attribute"),
    "attribute-immutable": (409, "An attribute's choices cannot be taken away"),
    "audience-changed": (409, "The audience has been changed since"),
    "audience-in-use": (409, "Something uses the audience"),
    "already-redeemed": (409, "The coupon has been redeemed already"),
    "already-voided": (409, "The points have been given back already"),
    "cap-below-issued": (409, "More coupons than that have been issued already"),
    "cap-immutable": (409, "A campaign without a cap cannot be given one, nor lose the one it has"),
    "campaign-changed": (409, "The campaign has been changed since it was read"),
    "campaign-ended": (409, "The campaign has ended"),
    "campaign-withdrawn": (409, "The campaign's coupons have been withdrawn already"),
    "campaign-not-rehearsable": (409, "Nothing is kept to rehearse the campaign with"),
    "campaign-not-running": (409, "The campaign does not run"),
    "card-key-missing": (409, "The card is not on this phone"),
    "claim-refused": (409, "No card of this number waits for this member"),
    "call-number-taken": (409, "The program has the number already"),
    "code-taken": (409, "The code is in use already"),
    "contact-not-found": (409, "The member has no contact of that kind"),
    "coupon-reserved": (409, "Another receipt holds the coupon"),
    "currency-immutable": (409, "The program's currency cannot change"),
    "email-taken": (409, "The e-mail address is in use already"),
    "experiment-ended": (409, "The campaign's experiment has ended"),
    "import-running": (409, "The program has an import that is not over"),
    "idempotency-in-flight": (409, "The same request is being answered right now"),
    "more-coupons-unused": (409, "More coupons are out and unused than that"),
    "last-owner": (409, "A program needs an owner"),
    "line-account-taken": (409, "The LINE account is another member's"),
    "line-not-configured": (409, "The program has no LINE channel for that"),
    "line-not-linked": (409, "The LINE account is nobody's here"),
    "messenger-not-configured": (409, "The program has no page of Facebook"),
    "messenger-not-linked": (409, "The member has not written to the page"),
    "messenger-window-closed": (409, "Meta takes no answer any more"),
    "location-consent-required": (409, "The member has not consented to location"),
    "invalid-member-state": (409, "The member is not in a state that allows it"),
    "points-disabled": (409, "The program has no point rules"),
    "insufficient-points": (409, "The balance does not cover that many points"),
    "profile-changed": (409, "The profile has been changed since it was read"),
    "program-changed": (409, "The program's settings have been changed since they were read"),
    "proof-required": (409, "This needs a fresh proof that the member asks"),
    "proof-too-new": (409, "It has come too recently to prove anything"),
    "receipt-shared": (409, "Several members hold the receipt"),
    "receipt-taken": (409, "The receipt has been sent already"),
    "redemption-not-last": (409, "The till has redeemed another coupon since"),
    "too-many-tags": (409, "A member would have more tags than there may be"),
    "refund-exceeds-purchase": (409, "Less than that is left of the purchase"),
    "returned-item-unknown": (409, "The purchase has no such line, or less of it"),
    "run-over": (409, "The run has ended"),
    "scan-not-last": (409, "The till has scanned another card since"),
    "stamp-card-immutable": (409, "A stamp card's source and size cannot change"),
    "transfer-over": (409, "The transfer has ended"),
    "transfer-waiting": (409, "The card's owner can still object to the transfer"),
    "store-qr-disabled": (409, "The program records no visits by a store's QR"),
    "void-exceeds-spend": (409, "Fewer points than that are still spent"),
    "pairing-code-expired": (410, "The pairing code can be used no more"),
    "password-reset-expired": (410, "The token can be used no more"),
    "invitation-over": (410, "The invitation can be used no more"),
    "verification-expired": (410, "The code can be used no more"),
    "coupon-expired": (410, "The coupon has expired"),
    "coupon-voided": (410, "The coupon has been voided"),
    "coupon-withdrawn": (410, "The coupon has been withdrawn"),
    "reservation-over": (410, "The reservation holds nothing any more"),
    "undo-expired": (410, "It can be undone no more"),
    "request-timeout": (408, "The request did not come in time"),
    "body-too-large": (413, "The body is too large"),
    "encoding-unsupported": (415, "The body is compressed"),
    "unsupported-media-type": (415, "The body is not of a type that is taken here"),
    "line-id-token-refused": (422, "LINE does not say whose the ID token is"),
    "attribute-unusable": (422, "A value of the profile cannot be used"),
    "paper-code-refused": (422, "The code gives no coupon"),
    "public-code-taken": (409, "Another campaign has this public code"),
    "basket-required": (422, "The coupon needs the basket to be judged"),
    "audience-unknown": (422, "The audience is not one of this program"),
    "campaign-not-for-broadcasts": (422, "The campaign is not sent out by hand"),
    "campaign-not-for-stamp-cards": (422, "The campaign does not reward full stamp cards"),
    "card-code-refused": (422, "The card's code was not taken"),
    "card-key-unusable": (422, "The key cannot be the card's"),
    "card-unknown": (422, "The card's code or number is not one of this program"),
    "incorrect-code": (422, "The code is not the one that was sent"),
    "incorrect-answer": (422, "The answer about the last visit is not right"),
    "contact-unusable": (422, "The phone number or e-mail address is not usable"),
    "coupon-conditions-unmet": (422, "A condition of the coupon is not met"),
    "coupon-unknown": (422, "The coupon's code is not one of this program"),
    "location-unusable": (422, "The fix is not good enough"),
    "nothing-to-reserve": (422, "No coupon applies to the basket"),
    "return-exceeds-basket": (422, "More would come back than was bought"),
    "idempotency-key-reused": (422, "The Idempotency-Key belongs to another request"),
    "invalid-audience": (422, "The audience cannot be judged"),
    "invalid-rows": (422, "Rows of the file are not usable"),
    "invalid-geofence": (422, "The geofence's shape is not usable"),
    "member-unknown": (422, "The member is not an active one of this program"),
    "not-at-store": (422, "The fix does not lie in the store's geofence"),
    "picture-unusable": (422, "The picture cannot be used"),
    "purchase-time-out-of-range": (422, "The purchase is too long ago, or has not come yet"),
    "receipt-unknown": (422, "The receipt is not one that this store has sent"),
    "scan-trust-too-low": (422, "The scan does not prove enough to spend points"),
    "scan-unknown": (422, "The scan is not a recent one of this member at this store"),
    "store-code-refused": (422, "The store's code was not taken"),
    "store-not-covered": (422, "The coupon is not valid at this store"),
    "store-unknown": (422, "A store is not an open store of this program"),
    "wallet-refused": (422, "The wallet's provider does not take that"),
    "headers-too-large": (431, "The request's headers are too large"),
    "too-many-attempts": (429, "Too many attempts"),
    "internal": (500, "Something broke on our side"),
    "channel-not-configured": (501, "Nothing is set up here to send such a code with"),
    "wallet-not-configured": (501, "The wallet is not set up here"),
    "not-ready": (503, "The process cannot do its work at the moment"),
    "overloaded": (503, "Too many requests are waiting"),
    "unavailable": (503, "The service is not available at the moment"),
}


class Problem(Exception):
    """Raised anywhere in `server`, answered as application/problem+json. `detail` tells the caller what to do."""

    def __init__(self, slug: str, detail: str, *, retry_after_s: int | None = None, **extra: Any) -> None:
        super().__init__(f"{slug}: {detail}")
        self.slug = slug
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.extra = extra

    @property
    def status(self) -> int:
        return PROBLEMS[self.slug][0]

    def body(self) -> bytes:
        status, title = PROBLEMS[self.slug]
        head = {"type": TYPE_PREFIX + self.slug, "title": title, "status": status, "detail": self.detail}
        return msgspec.json.encode(head | self.extra)

    def headers(self) -> dict[str, str]:
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        if self.slug == "encoding-unsupported":
            headers["Accept-Encoding"] = "identity"  # RFC 9110, 15.5.16
        return headers | ({"WWW-Authenticate": "Bearer"} if self.status == 401 else {})


class CommittedRefusal(msgspec.Struct, frozen=True):
    """Returned, not raised, by work that refuses and has written something that stays: an attempt that was counted.

    The transaction is committed, and then `problem` is raised. A Problem that is raised in the work rolls back.
    """

    problem: Problem


def not_found(what: str) -> Problem:
    return Problem("not-found", f"This program has no such {what}, or it has been removed.")


def unauthenticated() -> Problem:
    return Problem(
        "unauthenticated", "Send a valid token as 'Authorization: Bearer …'; this one is missing, wrong or revoked."
    )
