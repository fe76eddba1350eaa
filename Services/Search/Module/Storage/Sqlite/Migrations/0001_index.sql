-- What is indexed. The id is the row of `terms`. Importance is what a client set; times and ids tell no text.
CREATE TABLE indexed_items (
    id INTEGER PRIMARY KEY,
    item_id BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    conversation_key BLOB,
    version INTEGER NOT NULL,
    role INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    importance REAL
);

-- Keyed hashes only: `scope` holds the filter terms of owner, conversation, role and category, `body` the terms of the text.
CREATE VIRTUAL TABLE terms USING fts5(scope, body, tokenize = 'ascii');

-- Removed rows leave their hashes in `terms` until it is rewritten: how many were removed, and how many of them a rewriting has covered.
CREATE TABLE index_cleaning (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    removals INTEGER NOT NULL,
    cleaned INTEGER NOT NULL
);
INSERT INTO index_cleaning (id, removals, cleaned) VALUES (1, 0, 0);
