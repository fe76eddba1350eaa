-- Files of their own hold what was exported; a row says how far it is. what 1 conversation, 2 subject, 3 tenant, 4 analytics;
-- format 1 json, 2 ndjson, 3 csv, 4 markdown; status 1 pending, 2 running, 3 completed, 4 failed, 5 expired.
-- owner_key is the subject the export is about, or the tenant: its data key seals the request and the file.
CREATE TABLE exports (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    account_id BLOB NOT NULL,
    what INTEGER NOT NULL,
    format INTEGER NOT NULL,
    conversation_key BLOB,
    status INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER,
    size INTEGER,
    error INTEGER,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    expires_at INTEGER NOT NULL,
    request BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX exports_of_tenant ON exports (tenant_id, id);
CREATE INDEX exports_unfinished ON exports (id) WHERE status IN (1, 2);
CREATE INDEX exports_expiry ON exports (expires_at);
