"""Which routes take an Idempotency-Key."""

from server.web.access import ROUTES
from tests.support.bodies import UPLOADS, WALLETS

# Most change nothing that a repetition would change again; a proof is good once, and an erasure leaves no record.
WITHOUT_KEY = {
    *UPLOADS,
    *WALLETS,
    ("POST", "/v1/me/message-events"),
    ("POST", "/v1/me/export"),
    ("POST", "/v1/me/erasure"),
    ("POST", "/v1/members/{member_id}/export"),
    ("POST", "/v1/me/card/google-wallet"),
    ("POST", "/v1/member-imports"),
    ("POST", "/v1/me/device/locate-token"),
    ("POST", "/v1/me/geofences/nearest"),
    ("POST", "/v1/members/search"),
    ("POST", "/v1/members/list.csv"),
    ("POST", "/v1/stores/nearest"),
    ("POST", "/v1/me/stores/nearest"),
    ("POST", "/v1/coupons/quote"),
    ("POST", "/v1/campaigns/{campaign_id}/explain"),
    ("POST", "/v1/campaigns/{campaign_id}/rehearse"),
    ("POST", "/v1/campaigns/{campaign_id}/rehearse-trace"),
    ("POST", "/v1/campaigns/{campaign_id}/preview"),
    ("POST", "/v1/sessions"),
    ("POST", "/v1/sessions/second-factor"),
    ("DELETE", "/v1/sessions/current"),
    ("POST", "/v1/password-resets"),
    ("POST", "/v1/password-resets/confirmation"),
    ("POST", "/v1/till-pairings"),
    ("POST", "/v1/objections"),
    ("POST", "/mail/unsubscribe/{token}"),
    ("POST", "/mail/opt-in/{token}"),
    ("POST", "/mail/v1/reports"),
    ("POST", "/v1/suppressions/search"),
    ("POST", "/v1/line-sign-ins"),
    ("POST", "/line/v1/webhooks/{program_id}"),
    ("POST", "/messenger/v1/webhooks/{program_id}"),
    # Providers' webhooks, which tests/server/phone repeats.
    ("POST", "/v1/phone/numbers/{number_id}/calls"),
    ("POST", "/v1/phone/texts/{send_id}/reports"),
    ("POST", "/v1/phone/direct-texts/{send_id}/reports"),
    ("POST", "/v1/phone/calls/{send_id}/reports"),
    ("POST", "/v1/phone/calls/{send_id}/keys"),
    ("POST", "/v1/phone/programs/{program_id}/replies"),
}
# They take a code out of a message, send one to a contact, or need a transfer that one has opened, an import, or a run
# or an e-mail of a campaign: test_verifications_api.py, test_data_rights.py, test_transfers.py, moving_in/, schedules/
# and test_previews.py repeat them.
BY_MESSAGE = {
    ("POST", "/v1/me/verifications/{verification_id}/confirm"),
    ("POST", "/v1/me/data-codes"),
    ("POST", "/v1/members/{member_id}/data-codes"),
    ("POST", "/v1/me/transfers/{transfer_id}/codes"),
    ("POST", "/v1/me/transfers/{transfer_id}/prove"),
    ("POST", "/v1/me/transfers/{transfer_id}/complete"),
    ("POST", "/v1/me/transfers/{transfer_id}/decline"),
    ("POST", "/v1/me/transfers/{transfer_id}/object"),
    ("POST", "/v1/me/claims"),
    ("POST", "/v1/me/contact-removals"),
    ("POST", "/v1/members/{member_id}/contact-removals"),
    ("DELETE", "/v1/call-numbers/{number_id}"),  # needs a number: tests/server/phone
    ("POST", "/v1/member-imports/{run_id}/stop"),
    ("POST", "/v1/campaigns/{campaign_id}/test-message"),
    ("POST", "/v1/campaigns/{campaign_id}/runs"),
    ("POST", "/v1/campaigns/{campaign_id}/runs/{run_id}/stop"),
    ("POST", "/v1/campaigns/{campaign_id}/runs/{run_id}/resume"),
}
# They need a LINE channel or a page of Facebook: tests/server/line, tests/server/messenger.
BY_MESSAGE |= {("DELETE", f"/v1/program/{name}") for name in ("line", "messenger")}
BY_MESSAGE |= {("PUT", "/v1/me/line"), ("POST", "/v1/me/line/account-link"), ("POST", "/v1/me/messenger/link")}
BY_MESSAGE |= {("POST", "/v1/members/{member_id}/messenger-replies")}
# They need a campaign of codes, and a code: test_paper_codes.py repeats them.
BY_MESSAGE |= {("POST", f"/v1/campaigns/{{campaign_id}}/paper-codes{end}") for end in ("", "/withdrawal")}
BY_MESSAGE |= {("POST", "/v1/me/coupon-codes"), ("POST", "/v1/coupons/claim")}
KEYED = [route for route in ROUTES if route[0] != "GET" and route not in WITHOUT_KEY | BY_MESSAGE]
