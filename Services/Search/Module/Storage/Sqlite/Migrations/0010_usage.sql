-- Searches of a tenant. Each count stands in one bucket of every level: 0 quarter hours, 1 hours, 2 days (since 1970 in UTC), 3 all time.
CREATE TABLE search_usage (
    tenant_id BLOB NOT NULL,
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0,
    memories INTEGER NOT NULL DEFAULT 0,
    context INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, level, bucket)
) WITHOUT ROWID;

-- How many items of each kind are indexed, counted with every change: counting the rows of a large tenant would take too long.
CREATE TABLE index_totals (
    tenant_id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    items INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, kind)
) WITHOUT ROWID;
INSERT INTO index_totals SELECT tenant_id, kind, count(*) FROM indexed_items GROUP BY tenant_id, kind;

CREATE TRIGGER indexed_items_added AFTER INSERT ON indexed_items BEGIN
    INSERT INTO index_totals VALUES (NEW.tenant_id, NEW.kind, 1) ON CONFLICT (tenant_id, kind) DO UPDATE SET items = items + 1;
END;

CREATE TRIGGER indexed_items_removed AFTER DELETE ON indexed_items BEGIN
    UPDATE index_totals SET items = items - 1 WHERE tenant_id = OLD.tenant_id AND kind = OLD.kind;
END;
