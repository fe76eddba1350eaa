-- What belongs to a subject is found by it when it is erased.
CREATE INDEX indexed_items_owner ON indexed_items (tenant_id, owner_key);
