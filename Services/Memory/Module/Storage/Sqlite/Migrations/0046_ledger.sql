-- What became of everything that was read, without any of its words.
CREATE TABLE memory_extractions (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    scope INTEGER NOT NULL,
    -- The message or added memory that was read, and its version.
    source_id BLOB NOT NULL,
    from_memory INTEGER NOT NULL,
    source_version INTEGER NOT NULL,
    conversation_key BLOB,
    outcome INTEGER NOT NULL,
    reason TEXT NOT NULL,
    memory_id BLOB,
    other_id BLOB,
    category TEXT,
    extractor TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    elapsed_micros INTEGER NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX memory_extractions_owner ON memory_extractions (tenant_id, owner_key, id);
CREATE INDEX memory_extractions_tenant ON memory_extractions (tenant_id, id);
CREATE INDEX memory_extractions_source ON memory_extractions (tenant_id, source_id);
CREATE INDEX memory_extractions_age ON memory_extractions (at);

-- That a subject asked for something sensitive to be remembered, when, and in which message.
CREATE TABLE memory_consents (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    category TEXT NOT NULL,
    message_id BLOB NOT NULL,
    memory_id BLOB NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX memory_consents_owner ON memory_consents (tenant_id, owner_key, id);

-- Categories that may be learned about a subject, as a JSON list; null for all.
ALTER TABLE memory_settings ADD COLUMN allowed_categories TEXT;

-- What a tenant allows to be learned, and whether what was inferred waits for review.
CREATE TABLE memory_policies (
    tenant_id BLOB PRIMARY KEY NOT NULL,
    review_inferred INTEGER NOT NULL,
    allowed_categories TEXT,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- What somebody said of a memory, once for each account and kind.
CREATE TABLE memory_feedback (
    memory_id BLOB NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    tenant_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (memory_id, account_id, kind)
) WITHOUT ROWID;
