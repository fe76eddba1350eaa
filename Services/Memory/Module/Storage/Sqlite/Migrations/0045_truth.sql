-- What became of a memory, see MemoryState. A memory that waits for review or is quarantined holds at no time: its valid_to is its valid_from,
-- so that whatever reads memories that hold (valid_to IS NULL) leaves it out.
ALTER TABLE memories ADD COLUMN state INTEGER NOT NULL DEFAULT 1;
-- When it ends by what was said ("until Friday"); valid_to is set when it has ended.
ALTER TABLE memories ADD COLUMN expires_at INTEGER;
-- When this store ceased to hold it for true.
ALTER TABLE memories ADD COLUMN superseded_at INTEGER;
-- When it was said last; null for not again since valid_from.
ALTER TABLE memories ADD COLUMN confirmed_at INTEGER;
ALTER TABLE memories ADD COLUMN evidence INTEGER NOT NULL DEFAULT 1;
-- Whether its words do not stand in what was said.
ALTER TABLE memories ADD COLUMN inferred INTEGER NOT NULL DEFAULT 0;
-- What feedback and repeated observation add to its importance when it is ranked.
ALTER TABLE memories ADD COLUMN boost REAL NOT NULL DEFAULT 0;
-- Whether somebody undid its merge, so that it is not merged again by itself.
ALTER TABLE memories ADD COLUMN kept_apart INTEGER NOT NULL DEFAULT 0;
-- Why it waits for review or is quarantined, as a code.
ALTER TABLE memories ADD COLUMN hold_reason TEXT;
-- Keyed hash of owner, agent, run and slot: memories of one attribute are found by it.
ALTER TABLE memories ADD COLUMN slot_key BLOB;

UPDATE memories SET superseded_at = updated_at, state = CASE WHEN superseded_by IS NULL THEN 4 ELSE 2 END WHERE valid_to IS NOT NULL;
UPDATE memories SET evidence = max(1, (SELECT count(*) FROM memory_sources s WHERE s.memory_id = memories.id));

CREATE INDEX memories_ending ON memories (expires_at) WHERE expires_at IS NOT NULL AND valid_to IS NULL;
CREATE INDEX memories_slot ON memories (tenant_id, owner_key, slot_key) WHERE slot_key IS NOT NULL;
CREATE INDEX memories_held ON memories (tenant_id, owner_key, created_at) WHERE state IN (7, 8);

-- The time a version was true in the world; null where it was not noted: that of the memory then.
ALTER TABLE memory_history ADD COLUMN valid_from INTEGER;
ALTER TABLE memory_history ADD COLUMN valid_to INTEGER;

-- Keyed hash of the text of a deleted memory: what was said until then does not bring it back.
ALTER TABLE memory_tombstones ADD COLUMN text_key BLOB;
CREATE INDEX memory_tombstones_text ON memory_tombstones (tenant_id, owner_key, text_key) WHERE text_key IS NOT NULL;

-- What waits for review holds not yet: it is added, and neither active nor archived.
DROP TRIGGER memories_added;
CREATE TRIGGER memories_added AFTER INSERT ON memories BEGIN
    INSERT INTO memory_usage (tenant_id, level, bucket, added, superseded, archived, active, bytes)
    SELECT NEW.tenant_id, l.column1, NEW.created_at / l.column2, 1,
        NEW.valid_to IS NOT NULL AND NEW.superseded_by IS NOT NULL,
        NEW.valid_to IS NOT NULL AND NEW.superseded_by IS NULL AND NEW.state NOT IN (7, 8), NEW.valid_to IS NULL,
        length(NEW.text) + coalesce(length(NEW.metadata), 0) + coalesce(length(NEW.slot), 0)
            + coalesce(length(NEW.user_id), 0) + coalesce(length(NEW.agent_id), 0) + coalesce(length(NEW.run_id), 0)
    FROM (VALUES (0, 900000), (1, 3600000), (2, 86400000), (3, 9000000000000000)) l WHERE true
    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET added = added + 1, superseded = superseded + excluded.superseded,
        archived = archived + excluded.archived, active = active + excluded.active, bytes = bytes + excluded.bytes;
END;
