-- Files of their own hold what was exported; a row says how far it is. what 1 conversation, 2 subject, 3 tenant, 4 analytics;
-- format 1 json, 2 ndjson, 3 csv, 4 markdown; status 1 pending, 2 running, 3 completed, 4 failed, 5 expired.
-- owner_key is the subject the export is about, or the tenant: its data key seals the request and the file.
CREATE TABLE exports (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    owner_key uuid NOT NULL,
    account_id uuid NOT NULL,
    what bigint NOT NULL,
    format bigint NOT NULL,
    conversation_key uuid,
    status bigint NOT NULL,
    attempts bigint NOT NULL,
    done bigint NOT NULL,
    total bigint,
    size bigint,
    error bigint,
    created_at bigint NOT NULL,
    finished_at bigint,
    expires_at bigint NOT NULL,
    request bytea NOT NULL
);
CREATE INDEX exports_of_tenant ON exports (tenant_id, id);
CREATE INDEX exports_unfinished ON exports (id) WHERE status IN (1, 2);
CREATE INDEX exports_expiry ON exports (expires_at);
