-- What the earlier messages of a conversation were about, sealed with the key of the subject who spoke in it. A row is emptied when one of the messages
-- that it was made from is changed or deleted; it is then made anew when it is asked for.
CREATE TABLE conversation_summaries (
    tenant_id BLOB NOT NULL,
    conversation_key BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    version INTEGER NOT NULL,
    data BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, conversation_key, subject_key)
);
CREATE INDEX conversation_summaries_subject ON conversation_summaries (tenant_id, subject_key);
