-- name: upsert_brought_ranks batch
INSERT INTO brought_ranks (member_id, rank_code, until)
SELECT *
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])
ON CONFLICT (member_id) DO UPDATE
SET rank_code = excluded.rank_code, until = excluded.until;

-- name: read_brought_ranks batch
SELECT member_id, rank_code, until
FROM brought_ranks
WHERE member_id = ANY ($1) AND until > $2;

-- name: move_brought_rank batch
-- The survivor keeps their own where it is the higher one. $4: the program.
INSERT INTO brought_ranks AS b (member_id, rank_code, until)
SELECT $2, t.rank_code, t.until
FROM brought_ranks t
WHERE t.member_id = $1
ON CONFLICT (member_id) DO UPDATE
SET rank_code = excluded.rank_code, until = excluded.until
WHERE b.until <= $3
   OR (SELECT r.threshold FROM ranks r WHERE r.program_id = $4 AND r.code = excluded.rank_code)
    > coalesce((SELECT r.threshold FROM ranks r WHERE r.program_id = $4 AND r.code = b.rank_code), -1);

-- name: delete_brought_rank one
DELETE FROM brought_ranks
WHERE member_id = $1;
