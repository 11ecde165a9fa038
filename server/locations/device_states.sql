-- name: read_devices batch
-- The one read of a batch: credential, consent, presence and push target of each device.
SELECT p.device_id, p.member_id, p.program_id, p.version, p.watermark, p.stays, p.motion,
       d.token_hash, d.former_token_hash, d.former_token_until, d.locale, d.last_seen_at,
       m.location_consent, m.verified_at IS NOT NULL AS is_verified
FROM unnest($1::uuid[], $2::uuid[]) AS asked (member_id, device_id)
JOIN presences p ON (p.member_id, p.device_id) = (asked.member_id, asked.device_id)
JOIN devices d ON (d.member_id, d.id) = (asked.member_id, asked.device_id) AND d.revoked_at IS NULL
JOIN members m ON m.member_id = asked.member_id AND m.state = 'active'
/* spread: WHERE p.member_id = ANY ($1) AND d.member_id = ANY ($1) AND m.member_id = ANY ($1) */;
