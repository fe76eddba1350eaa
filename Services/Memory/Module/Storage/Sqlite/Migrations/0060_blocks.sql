-- Texts that are part of every context. Label, description, text and user_id are sealed with the owner's data key.
CREATE TABLE core_blocks (
    id BLOB PRIMARY KEY NOT NULL,
    tenant_id BLOB NOT NULL,
    scope INTEGER NOT NULL,
    owner_key BLOB NOT NULL,
    user_id BLOB,
    -- Keyed hash of the label: one block of a label for each owner.
    label_key BLOB NOT NULL,
    label BLOB NOT NULL,
    description BLOB,
    text BLOB NOT NULL,
    max_characters INTEGER NOT NULL,
    read_only INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX core_blocks_label ON core_blocks (tenant_id, owner_key, label_key);

CREATE TABLE core_block_versions (
    tenant_id BLOB NOT NULL,
    block_id BLOB NOT NULL REFERENCES core_blocks (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    owner_key BLOB NOT NULL,
    changed_by BLOB NOT NULL,
    text BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (block_id, version)
) WITHOUT ROWID;
CREATE INDEX core_block_versions_owner ON core_block_versions (tenant_id, owner_key);
