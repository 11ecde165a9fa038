-- name: list_partitions reference
SELECT c.relname AS name
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::text::regclass;

-- name: create_partition local
-- DDL takes no parameters: format() quotes the names and the bounds.
SELECT format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
              $1::text, $2::text, $3::timestamptz, $4::timestamptz);

-- name: empty_default_partition local
SELECT format('DELETE FROM %I WHERE %I < %L', $1::text || '_default', $2::text, $3::timestamptz);

-- name: drop_partition local
SELECT format('DROP TABLE IF EXISTS %I', $1::text);
