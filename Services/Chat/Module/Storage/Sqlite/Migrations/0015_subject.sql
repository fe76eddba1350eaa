-- What belongs to a subject is found by it when it is erased.
CREATE INDEX messages_subject ON messages (tenant_id, subject_key);
