"""Who may call what of the telephone, and of the suppression list: rows of the one table (server.web.access)."""

OF_OWNERS = (
    ("GET", "/v1/program/phone"),
    ("PUT", "/v1/program/phone"),
    ("GET", "/v1/program/phone/spending"),
    ("GET", "/v1/call-numbers"),
    ("POST", "/v1/call-numbers"),
    ("DELETE", "/v1/call-numbers/{number_id}"),
    ("POST", "/v1/suppressions"),
    ("POST", "/v1/suppressions/search"),
    ("POST", "/v1/suppressions/removals"),
)
# Whoever has the key of a program's account with a provider, or the operator's key of a mail service: a webhook's
# signature is checked before it is read.
SIGNED_BY_PROVIDERS = (
    ("POST", "/mail/v1/reports"),
    ("POST", "/v1/phone/numbers/{number_id}/calls"),
    ("POST", "/v1/phone/texts/{send_id}/reports"),
    ("POST", "/v1/phone/direct-texts/{send_id}/reports"),
    ("POST", "/v1/phone/calls/{send_id}/reports"),
    ("POST", "/v1/phone/calls/{send_id}/keys"),
    ("POST", "/v1/phone/programs/{program_id}/replies"),
)
