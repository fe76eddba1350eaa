-- Requests to erase a subject, which are kept as proof. `details` holds what the request named (user id, reason), sealed with the subject's key until
-- the erasure is completed; from then on only the keyed hash tells who it was. Status: 1 running, 2 completed, 3 failed.
CREATE TABLE erasure_requests (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    requested_by BLOB NOT NULL,
    requested_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    details BLOB,
    -- The service that is asked, and when and how often it was.
    step TEXT,
    asked_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    completed_at INTEGER,
    -- The receipt as a JWS.
    receipt TEXT
) WITHOUT ROWID;
CREATE INDEX erasure_requests_tenant ON erasure_requests (tenant_id, id);
CREATE INDEX erasure_requests_subject ON erasure_requests (tenant_id, subject_key, id);
CREATE UNIQUE INDEX erasure_requests_open ON erasure_requests (tenant_id, subject_key) WHERE completed_at IS NULL;

-- What each service answered.
CREATE TABLE erasure_steps (
    erasure_id BLOB NOT NULL REFERENCES erasure_requests (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    erased_at INTEGER NOT NULL,
    -- Rows by table, as JSON.
    deleted TEXT NOT NULL,
    kept TEXT NOT NULL,
    data_map TEXT NOT NULL,
    PRIMARY KEY (erasure_id, service)
) WITHOUT ROWID;

-- Private keys that receipts are signed with, wrapped by the key-encryption key.
CREATE TABLE receipt_keys (
    id TEXT PRIMARY KEY,
    private_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
