-- The first message of the thread and the number of replies between; null and 0 for a message that answers none. Both stay when messages above are deleted.
ALTER TABLE messages ADD COLUMN thread_root BLOB;
ALTER TABLE messages ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;

CREATE INDEX messages_reply ON messages (reply_to) WHERE reply_to IS NOT NULL;
WITH RECURSIVE replies (seq, id, thread_root, depth) AS (
    SELECT m.seq, m.id, m.reply_to, 1 FROM messages m
    WHERE m.reply_to IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages p WHERE p.id = m.reply_to AND p.reply_to IS NOT NULL)
    UNION ALL
    SELECT m.seq, m.id, r.thread_root, r.depth + 1 FROM replies r CROSS JOIN messages m ON m.reply_to = r.id AND m.reply_to IS NOT NULL
)
UPDATE messages SET thread_root = r.thread_root, depth = r.depth FROM replies r WHERE messages.seq = r.seq;
DROP INDEX messages_reply;

CREATE INDEX messages_thread ON messages (tenant_id, conversation_key, thread_root, created_at) WHERE thread_root IS NOT NULL;
