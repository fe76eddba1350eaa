-- Finds what is about one person, also in conversations of others.
CREATE INDEX IF NOT EXISTS messages_subject ON messages (tenant_id, subject_key);
