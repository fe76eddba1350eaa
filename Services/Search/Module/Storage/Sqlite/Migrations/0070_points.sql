-- Where vectors lie in Qdrant, a row of `vectors` has the block 0: the point is named like the item. Its removal is noted in the transaction that removes the
-- row, and done later: Qdrant may be away. A note is also made before points are written, and taken back when their rows are: what was written just before the
-- process was killed is removed again, or written once more. `tenant` and `owner` are ids and keyed hashes, as in indexed_items.
CREATE TABLE point_removals (
    item_id BLOB NOT NULL,
    model INTEGER NOT NULL,
    tenant BLOB NOT NULL,
    owner BLOB NOT NULL,
    PRIMARY KEY (item_id, model, owner)
) WITHOUT ROWID;

CREATE TRIGGER vectors_point_removed BEFORE DELETE ON vectors WHEN OLD.block = 0 BEGIN
    INSERT OR IGNORE INTO point_removals (item_id, model, tenant, owner)
    SELECT i.item_id, OLD.model, i.tenant_id, i.owner_key FROM indexed_items i WHERE i.id = OLD.id >> 1;
END;

-- Before the item is gone, as the note needs its name.
CREATE TRIGGER indexed_items_points_removed BEFORE DELETE ON indexed_items BEGIN
    DELETE FROM vectors WHERE id IN (2 * OLD.id, 2 * OLD.id + 1) AND block = 0;
END;
