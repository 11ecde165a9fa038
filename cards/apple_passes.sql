-- name: ensure_locked_pass one
-- The update is for its lock: registrations of one pass come one after another.
INSERT INTO apple_passes (member_id, device_id, program_id, fingerprint, changed_at)
VALUES (:member_id, :device_id, :program_id, :fingerprint, :changed_at)
ON CONFLICT (member_id, device_id) DO UPDATE SET program_id = excluded.program_id;

-- name: lock_pass one
SELECT member_id
FROM apple_passes
WHERE member_id = $1 AND device_id = $2
FOR UPDATE;

-- name: find_pass one
SELECT fingerprint, changed_at, has_unswept_version
FROM apple_passes
WHERE member_id = $1 AND device_id = $2;

-- name: note_handed_out one
-- Only what the pass is not known to show: whoever was given it must be given what follows, even what was before.
UPDATE apple_passes
SET has_unswept_version = true
WHERE member_id = $1 AND device_id = $2 AND fingerprint <> $3 AND NOT has_unswept_version;

-- name: list_passes_after fan-out hourly
SELECT member_id, device_id, CASE WHEN NOT has_unswept_version THEN fingerprint END AS fingerprint
FROM apple_passes
WHERE (member_id, device_id) > ($1, $2)
ORDER BY member_id, device_id
LIMIT $3;

-- name: mark_passes_changed batch
-- HTTP's dates are whole seconds: what changed in this very second already waits for the next sweep.
UPDATE apple_passes p
SET fingerprint = new.fingerprint, changed_at = $4, has_unswept_version = false
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS new (member_id, device_id, fingerprint)
WHERE (p.member_id, p.device_id) = (new.member_id, new.device_id) /* spread: AND p.member_id = ANY ($1) */
  AND p.changed_at < date_trunc('second', $4::timestamptz)
RETURNING p.member_id, p.device_id;

-- name: begin_sweep local
-- The database's clock, after the lock: the times of changes come in the order of their commits.
SELECT clock_timestamp() AS now
WHERE pg_try_advisory_xact_lock($1);

-- name: list_changed_passes fan-out request
SELECT p.member_id, p.device_id, p.changed_at
FROM apple_registrations r
JOIN apple_passes p ON (p.member_id, p.device_id) = (r.member_id, r.device_id)
WHERE r.device_library_hash = $1 AND ($2::timestamptz IS NULL OR p.changed_at > $2)
ORDER BY p.changed_at
LIMIT $3;

-- name: insert_registration one
INSERT INTO apple_registrations (member_id, device_id, device_library_hash, sealed_push_token, registered_at, due_at)
VALUES (:member_id, :device_id, :device_library_hash, :sealed_push_token, :now, :now)
ON CONFLICT (member_id, device_id, device_library_hash) DO NOTHING
RETURNING member_id;

-- name: renew_registration one
UPDATE apple_registrations
SET sealed_push_token = :sealed_push_token, registered_at = :now, due_at = :now, attempts = 0
WHERE member_id = :member_id AND device_id = :device_id AND device_library_hash = :device_library_hash;

-- name: delete_oldest_registrations one
DELETE FROM apple_registrations
WHERE member_id = $1 AND device_id = $2
  AND device_library_hash IN (
      SELECT device_library_hash
      FROM apple_registrations
      WHERE member_id = $1 AND device_id = $2
      ORDER BY registered_at DESC, device_library_hash
      OFFSET $3
  );

-- name: delete_registration one
DELETE FROM apple_registrations
WHERE member_id = $1 AND device_id = $2 AND device_library_hash = $3;

-- name: delete_unregistered_pass one
DELETE FROM apple_passes p
WHERE member_id = $1 AND device_id = $2
  AND NOT EXISTS (
      SELECT
      FROM apple_registrations r
      WHERE (r.member_id, r.device_id) = (p.member_id, p.device_id)
  );

-- name: make_registrations_due batch
UPDATE apple_registrations r
SET due_at = $3, attempts = 0
FROM unnest($1::uuid[], $2::uuid[]) AS changed (member_id, device_id)
WHERE (r.member_id, r.device_id) = (changed.member_id, changed.device_id) /* spread: AND r.member_id = ANY ($1) */;

-- name: find_due_registrations fan-out round
SELECT member_id, device_id, device_library_hash
FROM apple_registrations
WHERE due_at <= $1
ORDER BY due_at
LIMIT $2;

-- name: lease_registrations batch
-- Its due time is the lease: where a worker dies, it becomes due again. What another worker leases, or a phone renews,
-- at this moment is passed over: two who took the same rows in different orders would wait for each other.
UPDATE apple_registrations r
SET due_at = :lease_until, attempts = r.attempts + 1
FROM (
    SELECT member_id, device_id, device_library_hash
    FROM apple_registrations
    WHERE (member_id, device_id, device_library_hash)
          IN (SELECT * FROM unnest(:member_id::uuid[], :device_id::uuid[], :device_library_hash::bytea[]))
      /* spread: AND member_id = ANY (:member_id) */ AND due_at <= :now
    ORDER BY due_at
    LIMIT :most
    FOR NO KEY UPDATE SKIP LOCKED
) c
WHERE (r.member_id, r.device_id, r.device_library_hash) = (c.member_id, c.device_id, c.device_library_hash)
  /* spread: AND r.member_id = ANY (:member_id) */
RETURNING r.member_id, r.device_id, r.device_library_hash, r.sealed_push_token, r.due_at, r.attempts;

-- name: settle_registrations batch
-- Only what is still as it was leased: a change or a new push token since then is due by itself.
UPDATE apple_registrations r
SET due_at = o.next_due_at
FROM unnest(:member_id::uuid[], :device_id::uuid[], :device_library_hash::bytea[], :leased_due_at::timestamptz[],
            :next_due_at::timestamptz[])
     AS o (member_id, device_id, device_library_hash, leased_due_at, next_due_at)
WHERE (r.member_id, r.device_id, r.device_library_hash) = (o.member_id, o.device_id, o.device_library_hash)
  /* spread: AND r.member_id = ANY (:member_id) */ AND r.due_at = o.leased_due_at;

-- name: delete_leased_registration one
DELETE FROM apple_registrations
WHERE member_id = $1 AND device_id = $2 AND device_library_hash = $3 AND due_at = $4;
