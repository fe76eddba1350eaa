-- Counters of a tenant. Each count stands in one bucket of every level: 0 quarter hours, 1 hours, 2 days (since 1970 in UTC), 3 all time.
-- The triggers count in the transaction of the change, whoever makes it. Bytes are those of what is sealed in a row of memories.
CREATE TABLE memory_usage (
    tenant_id BLOB NOT NULL,
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    added INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    superseded INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, level, bucket)
) WITHOUT ROWID;

-- What was stored before is counted when it was added, and when it ended.
INSERT INTO memory_usage (tenant_id, level, bucket, added, active, bytes)
SELECT m.tenant_id, l.column1, m.created_at / l.column2, count(*), sum(m.valid_to IS NULL),
    sum(length(m.text) + coalesce(length(m.metadata), 0) + coalesce(length(m.slot), 0)
        + coalesce(length(m.user_id), 0) + coalesce(length(m.agent_id), 0) + coalesce(length(m.run_id), 0))
FROM memories m CROSS JOIN (VALUES (0, 900000), (1, 3600000), (2, 86400000), (3, 9000000000000000)) l
GROUP BY 1, 2, 3;

INSERT INTO memory_usage (tenant_id, level, bucket, superseded, archived)
SELECT m.tenant_id, l.column1, m.updated_at / l.column2, sum(m.superseded_by IS NOT NULL), sum(m.superseded_by IS NULL)
FROM memories m CROSS JOIN (VALUES (0, 900000), (1, 3600000), (2, 86400000), (3, 9000000000000000)) l
WHERE m.valid_to IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET superseded = superseded + excluded.superseded, archived = archived + excluded.archived;

CREATE TRIGGER memories_added AFTER INSERT ON memories BEGIN
    INSERT INTO memory_usage (tenant_id, level, bucket, added, superseded, archived, active, bytes)
    SELECT NEW.tenant_id, l.column1, NEW.created_at / l.column2, 1,
        NEW.valid_to IS NOT NULL AND NEW.superseded_by IS NOT NULL, NEW.valid_to IS NOT NULL AND NEW.superseded_by IS NULL, NEW.valid_to IS NULL,
        length(NEW.text) + coalesce(length(NEW.metadata), 0) + coalesce(length(NEW.slot), 0)
            + coalesce(length(NEW.user_id), 0) + coalesce(length(NEW.agent_id), 0) + coalesce(length(NEW.run_id), 0)
    FROM (VALUES (0, 900000), (1, 3600000), (2, 86400000), (3, 9000000000000000)) l WHERE true
    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET added = added + 1, superseded = superseded + excluded.superseded,
        archived = archived + excluded.archived, active = active + excluded.active, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER memories_changed AFTER UPDATE OF text, metadata, slot, valid_to ON memories
WHEN NEW.text <> OLD.text OR (NEW.valid_to IS NULL) <> (OLD.valid_to IS NULL) OR length(NEW.metadata) IS NOT length(OLD.metadata) OR length(NEW.slot) IS NOT length(OLD.slot)
BEGIN
    INSERT INTO memory_usage (tenant_id, level, bucket, updated, superseded, archived, active, bytes)
    SELECT NEW.tenant_id, l.column1, CAST(strftime('%s', 'now') AS INTEGER) / l.column2,
        NEW.text <> OLD.text,
        OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL AND NEW.superseded_by IS NOT NULL,
        OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL AND NEW.superseded_by IS NULL,
        (NEW.valid_to IS NULL) - (OLD.valid_to IS NULL),
        length(NEW.text) + coalesce(length(NEW.metadata), 0) + coalesce(length(NEW.slot), 0)
            - length(OLD.text) - coalesce(length(OLD.metadata), 0) - coalesce(length(OLD.slot), 0)
    FROM (VALUES (0, 900), (1, 3600), (2, 86400), (3, 9000000000000)) l WHERE true
    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET updated = updated + excluded.updated, superseded = superseded + excluded.superseded,
        archived = archived + excluded.archived, active = active + excluded.active, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER memories_deleted AFTER DELETE ON memories BEGIN
    INSERT INTO memory_usage (tenant_id, level, bucket, deleted, active, bytes)
    SELECT OLD.tenant_id, l.column1, CAST(strftime('%s', 'now') AS INTEGER) / l.column2, 1, -(OLD.valid_to IS NULL),
        -(length(OLD.text) + coalesce(length(OLD.metadata), 0) + coalesce(length(OLD.slot), 0)
            + coalesce(length(OLD.user_id), 0) + coalesce(length(OLD.agent_id), 0) + coalesce(length(OLD.run_id), 0))
    FROM (VALUES (0, 900), (1, 3600), (2, 86400), (3, 9000000000000)) l WHERE true
    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET deleted = deleted + 1, active = active + excluded.active, bytes = bytes + excluded.bytes;
END;
