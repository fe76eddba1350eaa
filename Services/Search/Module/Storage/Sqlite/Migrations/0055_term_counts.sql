-- How many terms each item has, and all of a tenant: BM25 compares an item's length with the mean of its tenant.
ALTER TABLE indexed_items ADD COLUMN term_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE index_totals ADD COLUMN term_count INTEGER NOT NULL DEFAULT 0;

-- FTS5 keeps the lengths of both columns as varints: the first, of some filter terms, is one byte; the second has up to three here.
UPDATE indexed_items SET term_count = COALESCE((
    SELECT CASE
        WHEN b1 < 128 THEN b1
        WHEN b2 < 128 THEN (b1 - 128) * 128 + b2
        ELSE ((b1 - 128) * 128 + b2 - 128) * 128 + b3 END
    FROM (
        SELECT 16 * instr('123456789ABCDEF', substr(size, 3, 1)) + instr('123456789ABCDEF', substr(size, 4, 1)) AS b1,
            16 * instr('123456789ABCDEF', substr(size, 5, 1)) + instr('123456789ABCDEF', substr(size, 6, 1)) AS b2,
            16 * instr('123456789ABCDEF', substr(size, 7, 1)) + instr('123456789ABCDEF', substr(size, 8, 1)) AS b3
        FROM (SELECT hex(sz) AS size FROM terms_docsize WHERE id = indexed_items.id))), 0);
UPDATE index_totals SET term_count = (SELECT COALESCE(SUM(i.term_count), 0) FROM indexed_items i WHERE i.tenant_id = index_totals.tenant_id AND i.kind = index_totals.kind);

DROP TRIGGER indexed_items_added;
CREATE TRIGGER indexed_items_added AFTER INSERT ON indexed_items BEGIN
    INSERT INTO index_totals (tenant_id, kind, items, term_count) VALUES (NEW.tenant_id, NEW.kind, 1, NEW.term_count)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET items = items + 1, term_count = term_count + NEW.term_count;
END;

CREATE TRIGGER indexed_items_changed AFTER UPDATE OF term_count ON indexed_items BEGIN
    UPDATE index_totals SET term_count = term_count + NEW.term_count - OLD.term_count WHERE tenant_id = NEW.tenant_id AND kind = NEW.kind;
END;

DROP TRIGGER indexed_items_removed;
CREATE TRIGGER indexed_items_removed AFTER DELETE ON indexed_items BEGIN
    UPDATE index_totals SET items = items - 1, term_count = term_count - OLD.term_count WHERE tenant_id = OLD.tenant_id AND kind = OLD.kind;
END;
