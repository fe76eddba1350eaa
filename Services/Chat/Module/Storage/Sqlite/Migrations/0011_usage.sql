-- Counters of a tenant. Each count stands in one bucket of every level: 0 quarter hours, 1 hours, 2 days (since 1970 in UTC), 3 all time.
-- Messages and tokens are counted at the time of the message, deletions and bytes at the time of the change. Additions are counted by the store, all
-- of a commit together; changes and deletions by the triggers below, whoever makes them.
CREATE TABLE message_usage (
    tenant_id BLOB NOT NULL,
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    user_messages INTEGER NOT NULL DEFAULT 0,
    assistant_messages INTEGER NOT NULL DEFAULT 0,
    system_messages INTEGER NOT NULL DEFAULT 0,
    tool_messages INTEGER NOT NULL DEFAULT 0,
    user_tokens INTEGER NOT NULL DEFAULT 0,
    assistant_tokens INTEGER NOT NULL DEFAULT 0,
    system_tokens INTEGER NOT NULL DEFAULT 0,
    tool_tokens INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, level, bucket)
) WITHOUT ROWID;

-- A small number for each subject of a tenant, for the sets below. When a subject is erased its key is replaced by a random one.
CREATE TABLE usage_subjects (
    tenant_id BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, subject_key)
) WITHOUT ROWID;
CREATE UNIQUE INDEX usage_subjects_number ON usage_subjects (tenant_id, number);

-- Which subjects have a message in a bucket: a bit for each number, 4,096 a chunk.
CREATE TABLE subject_activity (
    tenant_id BLOB NOT NULL,
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    subjects BLOB NOT NULL,
    PRIMARY KEY (tenant_id, level, bucket, chunk)
) WITHOUT ROWID;

-- What was stored before is counted at the time of the message.
INSERT INTO message_usage
SELECT m.tenant_id, l.column1, m.created_at / l.column2,
    sum(m.role = 1), sum(m.role = 2), sum(m.role = 3), sum(m.role = 4),
    sum((m.role = 1) * m.tokens), sum((m.role = 2) * m.tokens), sum((m.role = 3) * m.tokens), sum((m.role = 4) * m.tokens),
    0, sum(length(m.content) + coalesce(length(m.metadata), 0) + length(m.user_id))
FROM messages m CROSS JOIN (VALUES (0, 900000), (1, 3600000), (2, 86400000), (3, 9000000000000000)) l
GROUP BY 1, 2, 3;

INSERT INTO usage_subjects (tenant_id, subject_key, number)
SELECT tenant_id, subject_key, row_number() OVER (PARTITION BY tenant_id ORDER BY min(seq)) - 1 FROM messages GROUP BY tenant_id, subject_key;

INSERT INTO subject_activity (tenant_id, level, bucket, chunk, subjects)
SELECT m.tenant_id, l.column1, m.created_at / l.column2, s.number / 4096, subject_bits(group_concat(s.number % 4096))
FROM messages m
JOIN usage_subjects s ON s.tenant_id = m.tenant_id AND s.subject_key = m.subject_key
CROSS JOIN (VALUES (0, 900000), (1, 3600000), (2, 86400000)) l
GROUP BY 1, 2, 3, 4;

-- Conversations by size: the largest are found without counting all messages of the tenant.
ALTER TABLE conversations ADD COLUMN token_count INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET token_count = t.tokens
FROM (SELECT tenant_id, conversation_key, sum(tokens) AS tokens FROM messages GROUP BY tenant_id, conversation_key) t
WHERE t.tenant_id = conversations.tenant_id AND t.conversation_key = conversations.conversation_key;
CREATE INDEX conversations_messages ON conversations (tenant_id, message_count);
CREATE INDEX conversations_tokens ON conversations (tenant_id, token_count);

-- Covers counting messages and tokens of a time in a conversation.
DROP INDEX messages_order;
CREATE INDEX messages_order ON messages (tenant_id, conversation_key, created_at, seq, tokens);

CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO message_usage (tenant_id, level, bucket, deleted, bytes)
    SELECT OLD.tenant_id, l.column1, CAST(strftime('%s', 'now') AS INTEGER) / l.column2, 1,
        -(length(OLD.content) + coalesce(length(OLD.metadata), 0) + length(OLD.user_id))
    FROM (VALUES (0, 900), (1, 3600), (2, 86400), (3, 9000000000000)) l WHERE true
    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET deleted = deleted + 1, bytes = bytes + excluded.bytes;
    UPDATE conversations SET token_count = token_count - OLD.tokens WHERE tenant_id = OLD.tenant_id AND conversation_key = OLD.conversation_key;
END;

CREATE TRIGGER messages_changed AFTER UPDATE OF tokens, user_id, metadata, content ON messages BEGIN
    INSERT INTO message_usage (tenant_id, level, bucket, bytes)
    SELECT NEW.tenant_id, l.column1, CAST(strftime('%s', 'now') AS INTEGER) / l.column2,
        length(NEW.content) + coalesce(length(NEW.metadata), 0) + length(NEW.user_id)
            - length(OLD.content) - coalesce(length(OLD.metadata), 0) - length(OLD.user_id)
    FROM (VALUES (0, 900), (1, 3600), (2, 86400), (3, 9000000000000)) l WHERE true
    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET bytes = bytes + excluded.bytes;
    UPDATE conversations SET token_count = token_count + NEW.tokens - OLD.tokens
    WHERE tenant_id = NEW.tenant_id AND conversation_key = NEW.conversation_key AND NEW.tokens <> OLD.tokens;
END;
