-- Copies of full blocks, sealed as they are, one file for each owner and model: what is read in one go when the owner is searched. `file` 0: none. The bytes lie
-- from `at` on, `size` of them. The blocks above stay what counts: a copy that is missing is made again.
ALTER TABLE vector_blocks ADD COLUMN file INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vector_blocks ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vector_blocks ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
CREATE INDEX vector_blocks_without_copy ON vector_blocks (tenant_id, owner_key, kind, model, id) WHERE small = 0 AND file = 0;

-- length: where the next copy goes; cleared: bytes of it that were overwritten as their block left.
CREATE TABLE vector_files (
    id INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    kind INTEGER NOT NULL,
    model INTEGER NOT NULL,
    length INTEGER NOT NULL,
    cleared INTEGER NOT NULL
);
CREATE INDEX vector_files_owner ON vector_files (tenant_id, owner_key, kind, model);

-- Parts of files that are to be overwritten; a file that has no row above leaves as a whole. Noted in the transaction of the change, carried out by the cleaner.
CREATE TABLE vector_file_removals (
    file INTEGER NOT NULL,
    at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (file, at)
) WITHOUT ROWID;

CREATE TRIGGER vector_blocks_copy_removed AFTER DELETE ON vector_blocks WHEN OLD.file > 0 BEGIN
    INSERT OR IGNORE INTO vector_file_removals VALUES (OLD.file, OLD.at, OLD.size);
END;

CREATE TRIGGER vector_blocks_copy_replaced AFTER UPDATE OF file ON vector_blocks WHEN OLD.file > 0 AND NEW.file = 0 BEGIN
    INSERT OR IGNORE INTO vector_file_removals VALUES (OLD.file, OLD.at, OLD.size);
END;

CREATE TRIGGER vector_files_removed AFTER DELETE ON vector_files BEGIN
    INSERT OR IGNORE INTO vector_file_removals VALUES (OLD.id, 0, 0);
END;

-- How many items an owner has, counted with every change: counting them when they are read takes longer than reading their vectors.
CREATE TABLE owner_totals (
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    kind INTEGER NOT NULL,
    items INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, owner_key, kind)
) WITHOUT ROWID;
INSERT INTO owner_totals SELECT tenant_id, owner_key, kind, COUNT(*) FROM indexed_items GROUP BY tenant_id, owner_key, kind;

CREATE TRIGGER owner_totals_added AFTER INSERT ON indexed_items BEGIN
    INSERT INTO owner_totals VALUES (NEW.tenant_id, NEW.owner_key, NEW.kind, 1) ON CONFLICT (tenant_id, owner_key, kind) DO UPDATE SET items = items + 1;
END;

CREATE TRIGGER owner_totals_moved AFTER UPDATE OF owner_key ON indexed_items WHEN NEW.owner_key <> OLD.owner_key BEGIN
    INSERT INTO owner_totals VALUES (NEW.tenant_id, NEW.owner_key, NEW.kind, 1) ON CONFLICT (tenant_id, owner_key, kind) DO UPDATE SET items = items + 1;
    UPDATE owner_totals SET items = items - 1 WHERE tenant_id = OLD.tenant_id AND owner_key = OLD.owner_key AND kind = OLD.kind;
    DELETE FROM owner_totals WHERE tenant_id = OLD.tenant_id AND owner_key = OLD.owner_key AND kind = OLD.kind AND items <= 0;
END;

CREATE TRIGGER owner_totals_removed AFTER DELETE ON indexed_items BEGIN
    UPDATE owner_totals SET items = items - 1 WHERE tenant_id = OLD.tenant_id AND owner_key = OLD.owner_key AND kind = OLD.kind;
    DELETE FROM owner_totals WHERE tenant_id = OLD.tenant_id AND owner_key = OLD.owner_key AND kind = OLD.kind AND items <= 0;
END;
