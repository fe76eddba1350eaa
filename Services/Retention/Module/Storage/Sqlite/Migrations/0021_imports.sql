-- The upload is a file of its own. format 1 memorymesh, 2 chatgpt, 3 messages; status 1 uploading, 2 pending, 3 running, 4 completed, 5 failed.
-- position counts the items of the file that were handled, records what they came from: counts and position are stored together.
-- owner_key is the subject everything belongs to, or the tenant: its data key seals the request and the file.
CREATE TABLE imports (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    account_id BLOB NOT NULL,
    format INTEGER NOT NULL,
    dry_run INTEGER NOT NULL,
    extract INTEGER NOT NULL,
    status INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    upload_length INTEGER,
    received INTEGER NOT NULL,
    position INTEGER NOT NULL,
    records INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    skipped TEXT NOT NULL,
    failed INTEGER NOT NULL,
    error INTEGER,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    expires_at INTEGER NOT NULL,
    request BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX imports_of_tenant ON imports (tenant_id, id);
CREATE INDEX imports_unfinished ON imports (id) WHERE status IN (1, 2, 3);
CREATE INDEX imports_expiry ON imports (expires_at);

-- What is wrong with which record: the reasons are the server's own words, with no text of the file.
CREATE TABLE import_errors (
    import_id BLOB NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    line INTEGER,
    record INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (import_id, number)
) WITHOUT ROWID;
