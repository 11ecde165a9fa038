-- name: read_engine reference
SELECT current_database() AS database,
       (SELECT extversion FROM pg_extension WHERE extname = 'citus') AS version,
       current_setting('server_version_num')::int / 10000 AS postgresql;

-- name: list_tables reference
SELECT relname AS name
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND relname <> 'alembic_version'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e')
ORDER BY relname;

-- name: list_foreign_keys reference
SELECT conname AS name, conrelid::regclass::text AS "table", confrelid::regclass::text AS "to",
       pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace
ORDER BY conname;
