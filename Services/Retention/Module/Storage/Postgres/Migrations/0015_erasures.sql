-- Requests to erase a subject, which are kept as proof. `details` holds what the request named (user id, reason), sealed with the subject's key until
-- the erasure is completed; from then on only the keyed hash tells who it was. Status: 1 running, 2 completed, 3 failed.
CREATE TABLE erasure_requests (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    subject_key uuid NOT NULL,
    requested_by uuid NOT NULL,
    requested_at bigint NOT NULL,
    status bigint NOT NULL,
    details bytea,
    -- The service that is asked, and when and how often it was.
    step text,
    asked_at bigint NOT NULL,
    attempts bigint NOT NULL,
    completed_at bigint,
    -- The receipt as a JWS.
    receipt text
);
CREATE INDEX erasure_requests_tenant ON erasure_requests (tenant_id, id);
CREATE INDEX erasure_requests_subject ON erasure_requests (tenant_id, subject_key, id);
CREATE UNIQUE INDEX erasure_requests_open ON erasure_requests (tenant_id, subject_key) WHERE completed_at IS NULL;

-- What each service answered.
CREATE TABLE erasure_steps (
    erasure_id uuid NOT NULL REFERENCES erasure_requests (id) ON DELETE CASCADE,
    service text NOT NULL,
    erased_at bigint NOT NULL,
    -- Rows by table, as JSON.
    deleted text NOT NULL,
    kept text NOT NULL,
    data_map text NOT NULL,
    PRIMARY KEY (erasure_id, service)
);

-- Private keys that receipts are signed with, wrapped by the key-encryption key.
CREATE TABLE receipt_keys (
    id text PRIMARY KEY,
    private_key bytea NOT NULL,
    created_at bigint NOT NULL
);
