"""Where each table stands once the database is spread over several nodes (docs/decisions/0123).

- BY_MEMBER: spread by `member_id`; all rows of a member lie on one shard, whatever the table.
- REFERENCE: whole on every node. Reading it costs nothing, also beside a member's rows; a write goes to all nodes, and
  one that may meet a row that is there (an upsert, an update) lets no other into the table until its commit.
- LOCAL: whole on the coordinator, as on one machine. No statement reads it beside a member's rows.

On one machine nothing of this matters. tests/migrations/test_places.py holds it against the schema.
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


BY_MEMBER = _names("""
    alerts apple_passes apple_registrations assignments brought_ranks card_keys cards code_uses consents
    contact_permits contact_verifications coupon_voids coupons decisions devices email_opt_ins email_suppressions
    erasure_requests erasures follow_ups google_passes imported_contacts imported_members line_links line_nonces
    member_campaigns member_facts member_ranks member_tags members message_counts message_receipts messenger_links
    messenger_nonces offline_redemptions outbox point_accounts point_lots point_postings presences profiles
    purchases rank_changes recovery_credentials redemptions refunds reservations spends stamp_completions stamps
    totp_passes transitions undone_redemptions visit_evidence visits voided_uses
""")

# What the staff write; and what finds a member (`handles` and the like), which is written as seldom as people enrol.
REFERENCE = _names("""
    attributes audience_versions audiences audit_entries call_numbers campaign_outcomes campaign_stores
    campaign_versions campaigns closed_analyses counted_decisions experiments geofences handles import_runs
    incoming_calls line_accounts line_channels line_menus mail_settings messenger_accounts phone_accounts
    phone_sends pictures point_rules programs rank_rules ranks revoked_serials staff stamp_cards stores tills
    transfers variant_offers verification_code_counts
""")

# What is written with every purchase or request, and what no member's rows are read with.
LOCAL = _names("""
    audience_references bills budgets campaign_runs campaign_sweeps card_revocation_counters card_signing_keys
    google_classes google_endings idempotency_records import_faults import_file_pieces import_sightings invitations
    line_events line_menu_endings message_latencies message_quotas message_tallies message_tally_changes
    messenger_pages paper_code_batches password_resets phone_opt_outs phone_spending postal_places program_holdouts
    pulses receipt_counts receipts root_secrets run_parts served_revisions slices spent_paper_codes splits
    staff_authenticators staff_challenges staff_deliveries staff_links staff_passkeys staff_recovery_codes
    staff_sessions staff_stores text_wishes variants visit_rules
""")

# Foreign keys that hold on one machine only: between what lies on different nodes the engine takes none. The members
# whom they name are never deleted, and what they refer to is written in the same transaction.
CROSSING = _names("""
    handles_member_id_fkey invitations_member_id_fkey line_accounts_member_id_fkey messenger_accounts_member_id_fkey
    phone_sends_member_id_fkey receipts_member_id_fkey receipts_member_id_purchase_id_fkey
    receipts_member_id_spend_id_fkey spent_paper_codes_member_id_fkey transfers_member_id_fkey
""")
