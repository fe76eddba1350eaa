-- Columns of type BLOB that are not ids or keyed hashes are sealed with the owner's data key.
CREATE TABLE memories (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL,
    scope INTEGER NOT NULL,
    owner_key BLOB NOT NULL,
    agent_key BLOB,
    run_key BLOB,
    created_by BLOB,
    derived INTEGER NOT NULL,
    text BLOB NOT NULL,
    metadata BLOB,
    user_id BLOB,
    agent_id BLOB,
    run_id BLOB,
    category TEXT NOT NULL,
    category_given INTEGER NOT NULL,
    importance REAL NOT NULL,
    importance_given INTEGER NOT NULL,
    confidence REAL NOT NULL,
    slot BLOB,
    single_valued INTEGER NOT NULL,
    -- Keyed hash of the folded text; null until the memory was compared with the others of its owner.
    text_key BLOB,
    status INTEGER NOT NULL,
    error TEXT,
    attempts INTEGER NOT NULL,
    -- When the background work looks at the row again; null when nothing is left to do.
    next_attempt_at INTEGER,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    superseded_by BLOB,
    version INTEGER NOT NULL,
    -- Newest version that search is known to have; it may have one before the work on it ended.
    indexed_version INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX memories_owner ON memories (tenant_id, owner_key, valid_to);
CREATE INDEX memories_age ON memories (tenant_id, created_at);
CREATE INDEX memories_due ON memories (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX memories_superseded ON memories (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE UNIQUE INDEX memories_text ON memories (tenant_id, owner_key, text_key) WHERE valid_to IS NULL AND text_key IS NOT NULL;

CREATE TABLE memory_sources (
    id BLOB PRIMARY KEY NOT NULL,
    memory_id BLOB NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    tenant_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    conversation_key BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    quote_start INTEGER NOT NULL,
    quote_length INTEGER NOT NULL,
    quote BLOB NOT NULL,
    UNIQUE (memory_id, message_id)
);
CREATE INDEX memory_sources_message ON memory_sources (tenant_id, message_id);
CREATE INDEX memory_sources_conversation ON memory_sources (tenant_id, conversation_key);

CREATE TABLE memory_history (
    memory_id BLOB NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    event INTEGER NOT NULL,
    actor_kind INTEGER NOT NULL,
    actor_id BLOB,
    old_text BLOB,
    new_text BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (memory_id, version)
) WITHOUT ROWID;

-- That a memory was deleted, and when: nothing of what it said.
CREATE TABLE memory_tombstones (
    tenant_id BLOB NOT NULL,
    memory_id BLOB NOT NULL,
    deleted_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, memory_id)
) WITHOUT ROWID;

-- Counts the changes to an owner's memories: a decision made from a snapshot is written only if it still has the number it was read with.
CREATE TABLE memory_owners (
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, owner_key)
) WITHOUT ROWID;

CREATE TABLE memory_settings (
    tenant_id BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    opted_out INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, subject_key)
) WITHOUT ROWID;

-- Messages that memories were drawn from, with the version that was read: no delivery makes a memory twice.
CREATE TABLE extracted_messages (
    tenant_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
) WITHOUT ROWID;
CREATE INDEX extracted_messages_deleted ON extracted_messages (at) WHERE deleted = 1;

CREATE TABLE deleted_conversations (
    tenant_id BLOB NOT NULL,
    conversation_key BLOB NOT NULL,
    deleted_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, conversation_key)
) WITHOUT ROWID;
