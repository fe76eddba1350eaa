-- Covers the choice of what a retention rule is about, and counting messages and tokens of a time by conversation.
DROP INDEX messages_age;
CREATE INDEX messages_age ON messages (tenant_id, created_at, archived, role, importance, conversation_key, tokens);

-- Which subjects have a message in a bucket, as sets of 16,384 numbers a chunk: lists where they are shorter than bits.
CREATE TABLE subject_activity_sets (
    tenant_id BLOB NOT NULL,
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    subjects BLOB NOT NULL,
    PRIMARY KEY (tenant_id, level, bucket, chunk)
) WITHOUT ROWID;
INSERT INTO subject_activity_sets (tenant_id, level, bucket, chunk, subjects)
SELECT tenant_id, level, bucket, chunk / 4, subject_set(group_concat((chunk % 4) || ':' || hex(subjects)))
FROM subject_activity GROUP BY 1, 2, 3, 4;
DROP TABLE subject_activity;
ALTER TABLE subject_activity_sets RENAME TO subject_activity;

-- How many conversations a tenant has.
CREATE TABLE conversation_counts (
    tenant_id BLOB NOT NULL PRIMARY KEY,
    conversations INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO conversation_counts SELECT tenant_id, count(*) FROM conversations GROUP BY tenant_id;
CREATE TRIGGER conversations_added AFTER INSERT ON conversations BEGIN
    INSERT INTO conversation_counts (tenant_id, conversations) VALUES (NEW.tenant_id, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER conversations_deleted AFTER DELETE ON conversations BEGIN
    UPDATE conversation_counts SET conversations = conversations - 1 WHERE tenant_id = OLD.tenant_id;
END;

-- The counts have one more level: 4 is six hours, so that days of a zone that are none in UTC are few rows too.
INSERT INTO message_usage
SELECT tenant_id, 4, bucket / 6, sum(user_messages), sum(assistant_messages), sum(system_messages), sum(tool_messages),
    sum(user_tokens), sum(assistant_tokens), sum(system_tokens), sum(tool_tokens), sum(deleted), sum(bytes)
FROM message_usage WHERE level = 1 GROUP BY 1, 2, 3;

DROP TRIGGER messages_deleted;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO message_usage (tenant_id, level, bucket, deleted, bytes)
    SELECT OLD.tenant_id, l.column1, CAST(strftime('%s', 'now') AS INTEGER) / l.column2, 1,
        -(length(OLD.content) + coalesce(length(OLD.metadata), 0) + length(OLD.user_id))
    FROM (VALUES (0, 900), (1, 3600), (4, 21600), (2, 86400), (3, 9000000000000)) l WHERE true
    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET deleted = deleted + 1, bytes = bytes + excluded.bytes;
    UPDATE conversations SET token_count = token_count - OLD.tokens WHERE tenant_id = OLD.tenant_id AND conversation_key = OLD.conversation_key;
END;

DROP TRIGGER messages_changed;
CREATE TRIGGER messages_changed AFTER UPDATE OF tokens, user_id, metadata, content ON messages BEGIN
    INSERT INTO message_usage (tenant_id, level, bucket, bytes)
    SELECT NEW.tenant_id, l.column1, CAST(strftime('%s', 'now') AS INTEGER) / l.column2,
        length(NEW.content) + coalesce(length(NEW.metadata), 0) + length(NEW.user_id)
            - length(OLD.content) - coalesce(length(OLD.metadata), 0) - length(OLD.user_id)
    FROM (VALUES (0, 900), (1, 3600), (4, 21600), (2, 86400), (3, 9000000000000)) l WHERE true
    ON CONFLICT (tenant_id, level, bucket) DO UPDATE SET bytes = bytes + excluded.bytes;
    UPDATE conversations SET token_count = token_count + NEW.tokens - OLD.tokens
    WHERE tenant_id = NEW.tenant_id AND conversation_key = NEW.conversation_key AND NEW.tokens <> OLD.tokens;
END;
