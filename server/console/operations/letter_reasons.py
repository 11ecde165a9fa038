"""What the reasons of providers mean to whom a program belongs. Pure."""

from collections.abc import Mapping

# The reasons of several channels that mean the same to whom a program belongs; by how they begin, where that tells.
_MEANINGS: Mapping[str, frozenset[str]] = {
    "gone": frozenset(
        {"unregistered", "line_unlinked", "line_unreachable", "messenger_unlinked", "messenger_unavailable"}
        | {"unreachable", "bad_number", "landline", "bounced", "smtp_550", "smtp_553"}
    ),
    "blocked": frozenset({"blocked", "opted_out", "line_blocked", "complained", "messenger_window"}),
    "credentials": frozenset(
        {"sender_id_mismatch", "unauthenticated", "permission_denied", "oauth_refused", "third_party_auth_error"}
        | {"apns_auth_error", "credentials", "our_account", "line_token", "messenger_token", "smtp_login"}
        | {"not_allowed_on_trial"}
    ),
    "busy": frozenset(
        {"paced", "circuit_open", "quota_exceeded", "resource_exhausted", "unavailable", "internal", "rate", "quota"}
        | {"deadline_exceeded", "no_answer", "queue_full", "day_limit", "line_rate", "messenger_rate"}
        | {"smtp_unanswered"}
    ),
    "content": frozenset(
        {"invalid_argument", "invalid_message", "payload_too_large", "payload_unreadable", "line_message", "too_long"}
        | {"messenger_message", "bad_request", "filtered"}
    ),
    "quiet_hours": frozenset({"quiet_hours"}),
}


def meaning_of(reason: str | None) -> str:
    """The word for it, without `letter_`."""
    if reason is None:
        return "late"
    for meaning, reasons in _MEANINGS.items():
        if reason in reasons:
            return meaning
    return "gone" if reason.startswith("smtp_5") else "other"
