-- name: lock_card one
-- Registrations and revocations of one card come one after another.
SELECT number
FROM cards
WHERE member_id = $1 AND state = 'active'
FOR UPDATE;

-- name: list_keys_of_member one
SELECT member_id, serial, program_id, card_number, device_id, public_key, expanded_key, registered_at, stands_at, revoked_at,
       certificate_hash
FROM card_keys
WHERE member_id = $1;

-- name: find_card_keys batch
SELECT k.member_id, k.serial, k.program_id, k.card_number, k.device_id, k.public_key, k.expanded_key, k.registered_at,
       k.stands_at, k.revoked_at, k.certificate_hash
FROM unnest($1::uuid[], $2::bytea[]) AS asked (member_id, serial)
JOIN card_keys k ON (k.member_id, k.serial) = (asked.member_id, asked.serial) /* spread: AND k.member_id = ANY ($1) */;

-- name: insert_card_key one
INSERT INTO card_keys (member_id, serial, program_id, card_number, device_id, public_key, expanded_key, registered_at,
                       stands_at)
VALUES (:member_id, :serial, :program_id, :card_number, :device_id, :public_key, :expanded_key, :registered_at,
        :stands_at);

-- name: note_certificate one
UPDATE card_keys
SET certificate_hash = $3
WHERE member_id = $1 AND serial = $2;

-- name: next_revocation local
INSERT INTO card_revocation_counters AS c (program_id, sequence)
VALUES ($1, 1)
ON CONFLICT (program_id) DO UPDATE SET sequence = c.sequence + 1
RETURNING sequence;

-- name: revoke_card_key one
UPDATE card_keys
SET revoked_at = :now, revocation_cause = :cause, revocation_sequence = :sequence
WHERE member_id = :member_id AND serial = :serial AND revoked_at IS NULL;

-- name: prove_step one
-- One statement: a code proves once, later ones only, and none that a till has read.
UPDATE card_keys k
SET proved_step = $3
WHERE k.member_id = $1 AND k.serial = $2 AND k.revoked_at IS NULL AND (k.proved_step IS NULL OR k.proved_step < $3)
  AND NOT EXISTS (SELECT FROM code_uses u WHERE u.member_id = $1 AND u.serial = $2 AND u.step = $3 AND u.is_counted)
RETURNING k.member_id;

-- name: read_revocation_sequence local
SELECT sequence
FROM card_revocation_counters
WHERE program_id = $1;

-- name: list_revocations fan-out sync
-- Those of erased members stand apart, without a member.
SELECT serial, revoked_at, revocation_sequence
FROM card_keys
WHERE program_id = $1 AND revoked_at > $2 AND revocation_sequence > $3 AND revocation_sequence <= $4
UNION ALL
SELECT serial, revoked_at, revocation_sequence
FROM revoked_serials
WHERE program_id = $1 AND revoked_at > $2 AND revocation_sequence > $3 AND revocation_sequence <= $4
ORDER BY revocation_sequence;

-- name: purge_revoked_serials reference
DELETE FROM revoked_serials
WHERE revoked_at <= $1;
