-- The upload is a file of its own. format 1 memorymesh, 2 chatgpt, 3 messages; status 1 uploading, 2 pending, 3 running, 4 completed, 5 failed.
-- position counts the items of the file that were handled, records what they came from: counts and position are stored together.
-- owner_key is the subject everything belongs to, or the tenant: its data key seals the request and the file.
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    owner_key uuid NOT NULL,
    account_id uuid NOT NULL,
    format bigint NOT NULL,
    dry_run bigint NOT NULL,
    extract bigint NOT NULL,
    status bigint NOT NULL,
    attempts bigint NOT NULL,
    upload_length bigint,
    received bigint NOT NULL,
    position bigint NOT NULL,
    records bigint NOT NULL,
    stored bigint NOT NULL,
    skipped text NOT NULL,
    failed bigint NOT NULL,
    error bigint,
    created_at bigint NOT NULL,
    finished_at bigint,
    expires_at bigint NOT NULL,
    request bytea NOT NULL
);
CREATE INDEX imports_of_tenant ON imports (tenant_id, id);
CREATE INDEX imports_unfinished ON imports (id) WHERE status IN (1, 2, 3);
CREATE INDEX imports_expiry ON imports (expires_at);

-- What is wrong with which record: the reasons are the server's own words, with no text of the file.
CREATE TABLE import_errors (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    line bigint,
    record bigint NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (import_id, number)
);
