-- name: read_position local
-- On the primary: the end of all that was acknowledged. Which log it is of: after a failover another begins.
SELECT pg_current_wal_flush_lsn() AS position,
       (SELECT system_identifier FROM pg_control_system()) AS system,
       ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int AS timeline;

-- name: read_replayed local
-- On a standby: up to where it has replayed. Of a log that it has just begun it tells nothing until its next restart
-- point, which errs on the safe side. One that was promoted has a position still, and is no standby. The lag is that of the last transaction that came.
SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END AS position,
       (SELECT system_identifier FROM pg_control_system()) AS system,
       (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline,
       extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS lag_s;
