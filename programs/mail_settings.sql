-- name: find_mail_settings reference
SELECT sender_name, postal_address, contact, per_minute, is_double_opt_in
FROM mail_settings
WHERE program_id = $1;

-- name: upsert_mail_settings reference
INSERT INTO mail_settings
    (program_id, sender_name, postal_address, contact, per_minute, is_double_opt_in, paced_until)
VALUES (:program_id, :sender_name, :postal_address, :contact, :per_minute, :is_double_opt_in, :now)
ON CONFLICT (program_id) DO UPDATE
SET sender_name = excluded.sender_name, postal_address = excluded.postal_address, contact = excluded.contact,
    per_minute = excluded.per_minute, is_double_opt_in = excluded.is_double_opt_in;

-- name: list_double_opt_in reference
SELECT program_id
FROM mail_settings
WHERE program_id = ANY ($1) AND is_double_opt_in;

-- name: take_mail_place reference
-- Where nobody else has taken one meanwhile.
UPDATE mail_settings
SET paced_until = $3
WHERE program_id = $1 AND paced_until = $2
RETURNING paced_until;

-- name: find_mail_pace reference
SELECT per_minute, paced_until
FROM mail_settings
WHERE program_id = $1;
