-- Subjects that the request of an idempotency key was about, so that erasing one takes the answers about it along.
CREATE TABLE idempotency_subjects (
    tenant_id BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    key_hash BLOB NOT NULL,
    PRIMARY KEY (subject_key, tenant_id, key_hash)
) WITHOUT ROWID;
CREATE INDEX idempotency_subjects_key ON idempotency_subjects (tenant_id, key_hash);

-- Erasures that this service carried out: an order that comes twice must not erase what was written since.
CREATE TABLE erasures (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    -- Rows that went and rows that stay, by table, as JSON.
    rows TEXT NOT NULL,
    -- When the last row went; null while it is under way.
    erased_at INTEGER,
    -- When the bytes were gone from the files too, and the service said so.
    confirmed_at INTEGER
) WITHOUT ROWID;
