-- Vectors lie in blocks of up to 64 of one owner and model, sealed as a whole with the owner's key. live has a bit for each place whose vectors are those of
-- the item still, stored one for each place that the content holds: what differs is about to be rewritten. small: is put together with others.
-- form 0: the vectors of one item, sealed by themselves, as they were before there were blocks; the id is that of the vectors.
CREATE TABLE vector_blocks (
    id INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    kind INTEGER NOT NULL,
    model INTEGER NOT NULL,
    form INTEGER NOT NULL,
    live INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    small INTEGER NOT NULL
);

-- Apart from the rows above, so that clearing a bit does not rewrite it.
CREATE TABLE vector_contents (
    id INTEGER PRIMARY KEY,
    content BLOB NOT NULL
);
INSERT INTO vector_blocks
SELECT v.id, i.tenant_id, i.owner_key, i.kind, v.model, 0, 1, 1, 1 FROM vectors v JOIN indexed_items i ON i.id = v.id >> 1 AND i.version = v.version;
INSERT INTO vector_contents SELECT v.id, v.content FROM vectors v JOIN vector_blocks b ON b.id = v.id;
CREATE INDEX vector_blocks_owner ON vector_blocks (tenant_id, owner_key, kind, model, small);
CREATE INDEX vector_blocks_stale ON vector_blocks (id) WHERE live <> stored;

-- Where the vectors of an item lie. The id is twice that of indexed_items, plus the slot of the model.
CREATE TABLE vectors_in_blocks (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    model INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    block INTEGER NOT NULL,
    place INTEGER NOT NULL
);
INSERT INTO vectors_in_blocks SELECT v.id, v.version, v.model, v.text_hash, v.id, 0 FROM vectors v JOIN vector_blocks b ON b.id = v.id;
DROP TRIGGER indexed_items_vectors_removed;
DROP TABLE vectors;
ALTER TABLE vectors_in_blocks RENAME TO vectors;
CREATE INDEX vectors_text ON vectors (text_hash);

CREATE TRIGGER indexed_items_vectors_removed AFTER DELETE ON indexed_items BEGIN
    DELETE FROM vectors WHERE id IN (2 * OLD.id, 2 * OLD.id + 1);
    DELETE FROM embedding_jobs WHERE id IN (2 * OLD.id, 2 * OLD.id + 1);
END;

CREATE TRIGGER vectors_removed AFTER DELETE ON vectors BEGIN
    UPDATE vector_blocks SET live = live & ~(1 << OLD.place) WHERE id = OLD.block;
    DELETE FROM vector_blocks WHERE id = OLD.block AND live = 0;
END;

CREATE TRIGGER vector_blocks_removed AFTER DELETE ON vector_blocks BEGIN
    DELETE FROM vector_contents WHERE id = OLD.id;
END;
