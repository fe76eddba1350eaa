-- Vectors of an item, with who said it, its category and traits: sealed with the key of its owner under the version. The id is that of indexed_items.
-- text_hash is a keyed hash of what was embedded, so that the vectors of an equal text are used again.
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY REFERENCES indexed_items (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    model INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX vectors_text ON vectors (text_hash);

-- The embedding models that vectors were computed with.
CREATE TABLE vector_models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    UNIQUE (name, dimensions, layout)
);

-- Items whose vectors are to be computed. state: 0 waits, 1 parked with an error until it is tried again. due_at is in milliseconds since 1970.
-- round counts the requests, so that one that comes while the vectors are being computed is not lost.
CREATE TABLE embedding_jobs (
    id INTEGER PRIMARY KEY REFERENCES indexed_items (id) ON DELETE CASCADE,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    round INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    error TEXT
);
CREATE INDEX embedding_jobs_due ON embedding_jobs (state, due_at, id);

DROP INDEX indexed_items_owner;
CREATE INDEX indexed_items_owner ON indexed_items (tenant_id, owner_key, kind);
CREATE INDEX indexed_items_order ON indexed_items (tenant_id, conversation_key, created_at, item_id) WHERE conversation_key IS NOT NULL;

INSERT INTO embedding_jobs (id, state, attempts, due_at) SELECT id, 0, 0, 0 FROM indexed_items;
