-- Runs of the consolidation: codes, counts and times.
CREATE TABLE memory_consolidations (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL,
    -- Account that asked for it; null when it began by itself.
    requested_by BLOB,
    dry_run INTEGER NOT NULL,
    state INTEGER NOT NULL,
    requested_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    -- The last owner that was looked at.
    cursor BLOB,
    -- Who works on it, and until when, unless that is renewed.
    lease_id BLOB,
    lease_until INTEGER,
    owners INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    merged INTEGER NOT NULL DEFAULT 0,
    superseded INTEGER NOT NULL DEFAULT 0,
    expired INTEGER NOT NULL DEFAULT 0,
    promoted INTEGER NOT NULL DEFAULT 0,
    approved INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX memory_consolidations_open ON memory_consolidations (tenant_id) WHERE finished_at IS NULL;
CREATE INDEX memory_consolidations_tenant ON memory_consolidations (tenant_id, id);
CREATE INDEX memory_consolidations_finished ON memory_consolidations (finished_at) WHERE finished_at IS NOT NULL;

-- What a run did to a memory, or would do: ids and a code.
CREATE TABLE memory_consolidation_changes (
    id BLOB PRIMARY KEY NOT NULL,
    run_id BLOB NOT NULL REFERENCES memory_consolidations (id) ON DELETE CASCADE,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    scope INTEGER NOT NULL,
    change INTEGER NOT NULL,
    memory_id BLOB NOT NULL,
    into_id BLOB
) WITHOUT ROWID;
CREATE INDEX memory_consolidation_changes_run ON memory_consolidation_changes (run_id, id);
CREATE INDEX memory_consolidation_changes_owner ON memory_consolidation_changes (tenant_id, owner_key);

-- The revision that a consolidation left; what has it still need not be looked at again.
ALTER TABLE memory_owners ADD COLUMN consolidated INTEGER NOT NULL DEFAULT 0;
