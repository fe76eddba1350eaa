-- Two models may be in use: one whose vectors answer questions (role 1), and one that takes its place when its vectors are there (role 2). Role 0 is a
-- model of the past; its vectors are about to leave. Each model in use has a slot of its own, 0 or 1.
CREATE TABLE models_in_use (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    role INTEGER NOT NULL,
    slot INTEGER NOT NULL
);
INSERT INTO models_in_use
SELECT id, 'local', name, '1', dimensions, layout, id = (SELECT max(id) FROM vector_models), 0 FROM vector_models;
DROP TABLE vector_models;
ALTER TABLE models_in_use RENAME TO vector_models;

-- The id is twice that of indexed_items, plus the slot of the model. The rest is as before.
CREATE TABLE vectors_of_models (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    model INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    content BLOB NOT NULL
);
INSERT INTO vectors_of_models SELECT 2 * id, version, model, text_hash, content FROM vectors;
DROP TABLE vectors;
ALTER TABLE vectors_of_models RENAME TO vectors;
CREATE INDEX vectors_text ON vectors (text_hash);

-- The same for what is to be computed.
CREATE TABLE jobs_of_models (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    round INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    error TEXT
);
INSERT INTO jobs_of_models SELECT 2 * id, state, attempts, round, due_at, error FROM embedding_jobs;
DROP TABLE embedding_jobs;
ALTER TABLE jobs_of_models RENAME TO embedding_jobs;
CREATE INDEX embedding_jobs_due ON embedding_jobs (state, due_at, id);

CREATE TRIGGER indexed_items_vectors_removed AFTER DELETE ON indexed_items BEGIN
    DELETE FROM vectors WHERE id IN (2 * OLD.id, 2 * OLD.id + 1);
    DELETE FROM embedding_jobs WHERE id IN (2 * OLD.id, 2 * OLD.id + 1);
END;
