-- A tenant's own policy. Numbers only: action 1 archive, 2 delete; applies_to 1 messages, 2 memories, 3 both.
CREATE TABLE retention_policies (
    tenant_id uuid PRIMARY KEY,
    max_age_days bigint NOT NULL,
    importance_below double precision,
    action bigint NOT NULL,
    applies_to bigint NOT NULL,
    enabled bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    updated_by uuid NOT NULL
);

-- status 1 running, 2 completed, 3 failed; trigger_kind 1 schedule, 2 manual. The policy is a snapshot.
CREATE TABLE retention_runs (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    started_at bigint NOT NULL,
    finished_at bigint,
    status bigint NOT NULL,
    trigger_kind bigint NOT NULL,
    actor_account_id uuid,
    max_age_days bigint NOT NULL,
    importance_below double precision,
    action bigint NOT NULL,
    applies_to bigint NOT NULL,
    messages bigint NOT NULL,
    memories bigint NOT NULL,
    error bigint
);
CREATE INDEX retention_runs_of_tenant ON retention_runs (tenant_id, id);
CREATE INDEX retention_runs_finished ON retention_runs (finished_at) WHERE finished_at IS NOT NULL;

-- One run at a time per tenant.
CREATE UNIQUE INDEX retention_runs_unfinished ON retention_runs (tenant_id) WHERE status = 1;

-- When the last scheduled pass started: one row.
CREATE TABLE retention_passes (
    id bigint PRIMARY KEY CHECK (id = 1),
    started_at bigint NOT NULL
);
