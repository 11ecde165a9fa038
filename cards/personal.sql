-- What this package holds about a person: $1 are the member and all who became them.
-- Serials of revoked keys stay without their member, for as long as a certificate of theirs can be shown.

-- name: export_cards batch
SELECT member_id, id, number, state, issued_at
FROM cards
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_card_keys batch
SELECT member_id, serial, card_number, device_id, public_key, registered_at, stands_at, revoked_at, revocation_cause, proved_step
FROM card_keys
WHERE member_id = ANY ($1)
ORDER BY member_id, serial;

-- name: export_totp_passes batch
-- The export names the passes and leaves out their secrets.
SELECT member_id, id, kind, created_at, revoked_at
FROM totp_passes
WHERE member_id = ANY ($1)
ORDER BY member_id, id;

-- name: export_google_passes batch
SELECT member_id, pass_id, created_at
FROM google_passes
WHERE member_id = ANY ($1)
ORDER BY member_id;

-- name: export_code_uses batch
SELECT member_id, serial, step, till_id, store_id, at, reported_at, is_offline, is_counted
FROM code_uses
WHERE member_id = ANY ($1)
ORDER BY member_id, serial, step, till_id;

-- name: export_apple_passes batch
SELECT member_id, device_id, changed_at
FROM apple_passes
WHERE member_id = ANY ($1)
ORDER BY member_id, device_id;

-- name: export_apple_registrations batch
SELECT member_id, device_id, device_library_hash, registered_at, due_at, attempts
FROM apple_registrations
WHERE member_id = ANY ($1)
ORDER BY member_id, device_id, device_library_hash;

-- name: erase_apple_fingerprints batch
-- First, for its locks: a registration that is being written is waited for, and goes too.
UPDATE apple_passes
SET fingerprint = decode(repeat('00', 32), 'hex')
WHERE member_id = ANY ($1);

-- name: erase_apple_registrations batch
DELETE FROM apple_registrations
WHERE member_id = ANY ($1);

-- name: erase_apple_passes batch
DELETE FROM apple_passes
WHERE member_id = ANY ($1);

-- name: erase_code_uses batch
DELETE FROM code_uses
WHERE member_id = ANY ($1);

-- name: erase_google_passes batch
-- All have ended by now. Google learns it from the endings, which name nobody.
DELETE FROM google_passes
WHERE member_id = ANY ($1);

-- name: erase_totp_passes batch
DELETE FROM totp_passes
WHERE member_id = ANY ($1);

-- name: erase_card_keys batch
-- All of them are revoked by now. Tills still download the revocations, in the order in which they happened.
WITH gone AS (
    DELETE FROM card_keys
    WHERE member_id = ANY ($1)
    RETURNING program_id, serial, revoked_at, revocation_sequence
)
INSERT INTO revoked_serials (program_id, serial, revoked_at, revocation_sequence)
SELECT program_id, serial, revoked_at, revocation_sequence
FROM gone
ORDER BY program_id, serial
ON CONFLICT (program_id, serial) DO NOTHING;

-- name: erase_cards batch
DELETE FROM cards
WHERE member_id = ANY ($1);
