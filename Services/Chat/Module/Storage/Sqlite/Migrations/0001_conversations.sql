-- name, user_id, title and metadata are sealed with the key of the conversation's subject.
CREATE TABLE conversations (
    tenant_id BLOB NOT NULL,
    conversation_key BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    version INTEGER NOT NULL,
    message_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_message_at INTEGER,
    -- last_message_at, or created_at while there is no message: the order of lists.
    activity_at INTEGER NOT NULL,
    name BLOB NOT NULL,
    user_id BLOB NOT NULL,
    title BLOB,
    metadata BLOB,
    PRIMARY KEY (tenant_id, conversation_key)
) WITHOUT ROWID;
CREATE INDEX conversations_activity ON conversations (tenant_id, activity_at, conversation_key);
CREATE INDEX conversations_subject ON conversations (tenant_id, subject_key);

-- content, metadata and user_id are sealed with the key of the message's subject, under the version text_version.
-- The texts stand last, so that counting reads no overflow page.
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    conversation_key BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    role INTEGER NOT NULL,
    importance REAL,
    reply_to BLOB,
    extract_memory INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    version INTEGER NOT NULL,
    text_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    metadata BLOB,
    content BLOB NOT NULL
);
CREATE UNIQUE INDEX messages_id ON messages (id);
CREATE INDEX messages_order ON messages (tenant_id, conversation_key, created_at, seq);
-- Covers the choice of what a retention rule is about.
CREATE INDEX messages_age ON messages (tenant_id, created_at, archived, role, importance);
