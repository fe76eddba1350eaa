-- What is known of a subject, as one sealed row. The triggers mark it in the transaction that changes a memory, whoever changes it: a row that shows a
-- text which is gone is emptied at once, any other change makes it stale.
CREATE TABLE subject_profiles (
    tenant_id BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    -- Counts the changes to the subject's memories: a profile is written only if it still has the number it was built from.
    changes INTEGER NOT NULL,
    data BLOB,
    built_at INTEGER,
    stale_since INTEGER,
    PRIMARY KEY (tenant_id, subject_key)
);
CREATE INDEX subject_profiles_stale ON subject_profiles (stale_since) WHERE stale_since IS NOT NULL;
CREATE INDEX memories_profile ON memories (tenant_id, owner_key, category, importance DESC, updated_at DESC) WHERE valid_to IS NULL AND scope = 1;

INSERT INTO subject_profiles (tenant_id, subject_key, changes, stale_since)
SELECT DISTINCT tenant_id, owner_key, 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000 FROM memories WHERE scope = 1;

CREATE TRIGGER profiles_memory_added AFTER INSERT ON memories WHEN NEW.scope = 1 BEGIN
    INSERT INTO subject_profiles (tenant_id, subject_key, changes, stale_since)
    VALUES (NEW.tenant_id, NEW.owner_key, 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000)
    ON CONFLICT (tenant_id, subject_key) DO UPDATE SET changes = changes + 1, stale_since = coalesce(stale_since, excluded.stale_since);
END;

CREATE TRIGGER profiles_memory_changed AFTER UPDATE OF text, category, importance, confidence, slot, valid_to ON memories WHEN NEW.scope = 1 BEGIN
    INSERT INTO subject_profiles (tenant_id, subject_key, changes, stale_since)
    VALUES (NEW.tenant_id, NEW.owner_key, 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000)
    ON CONFLICT (tenant_id, subject_key) DO UPDATE SET changes = changes + 1, stale_since = coalesce(stale_since, excluded.stale_since),
        data = CASE WHEN NEW.text <> OLD.text OR (OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL) THEN NULL ELSE data END;
END;

CREATE TRIGGER profiles_memory_deleted AFTER DELETE ON memories WHEN OLD.scope = 1 BEGIN
    UPDATE subject_profiles SET changes = changes + 1, data = NULL, stale_since = coalesce(stale_since, CAST(strftime('%s', 'now') AS INTEGER) * 1000)
    WHERE tenant_id = OLD.tenant_id AND subject_key = OLD.owner_key;
END;
