-- A tenant's own policy. Numbers only: action 1 archive, 2 delete; applies_to 1 messages, 2 memories, 3 both.
CREATE TABLE retention_policies (
    tenant_id BLOB PRIMARY KEY,
    max_age_days INTEGER NOT NULL,
    importance_below REAL,
    action INTEGER NOT NULL,
    applies_to INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by BLOB NOT NULL
) WITHOUT ROWID;

-- status 1 running, 2 completed, 3 failed; trigger_kind 1 schedule, 2 manual. The policy is a snapshot.
CREATE TABLE retention_runs (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    status INTEGER NOT NULL,
    trigger_kind INTEGER NOT NULL,
    actor_account_id BLOB,
    max_age_days INTEGER NOT NULL,
    importance_below REAL,
    action INTEGER NOT NULL,
    applies_to INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    memories INTEGER NOT NULL,
    error INTEGER
) WITHOUT ROWID;
CREATE INDEX retention_runs_of_tenant ON retention_runs (tenant_id, id);
CREATE INDEX retention_runs_finished ON retention_runs (finished_at) WHERE finished_at IS NOT NULL;

-- One run at a time per tenant.
CREATE UNIQUE INDEX retention_runs_unfinished ON retention_runs (tenant_id) WHERE status = 1;

-- When the last scheduled pass started: one row.
CREATE TABLE retention_passes (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    started_at INTEGER NOT NULL
);
