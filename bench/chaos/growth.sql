-- name: read_sizes reference
-- Of each table with its indexes; partitions count as what they are parts of.
SELECT coalesce(pg_partition_root(c.oid)::regclass, c.oid::regclass)::text AS name,
       sum(pg_total_relation_size(c.oid))::bigint AS bytes
FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
GROUP BY 1;
