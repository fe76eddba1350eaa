-- How a subject wants to be answered: what was set, and counts of what was observed. No text of a message; sealed all the same.
CREATE TABLE subject_preferences (
    tenant_id BLOB NOT NULL,
    subject_key BLOB NOT NULL,
    version INTEGER NOT NULL,
    data BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, subject_key)
);
