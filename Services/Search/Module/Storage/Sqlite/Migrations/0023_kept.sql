-- What accounts keep for themselves. owner_key is the account as a subject of the tenant; content is sealed with that subject's key. name_key is a keyed hash.
CREATE TABLE saved_searches (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    name_key BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (tenant_id, owner_key, name_key)
) WITHOUT ROWID;
CREATE INDEX saved_searches_owner ON saved_searches (tenant_id, owner_key, id);

CREATE TABLE bookmarks (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    owner_key BLOB NOT NULL,
    kind INTEGER NOT NULL,
    item_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    note BLOB,
    UNIQUE (tenant_id, owner_key, kind, item_id)
) WITHOUT ROWID;
CREATE INDEX bookmarks_owner ON bookmarks (tenant_id, owner_key, id);
