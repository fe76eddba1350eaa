-- Texts that were withdrawn, wait for review or are quarantined are looked for with each fact that comes in: few rows of the many that an owner may have.
CREATE INDEX memories_withheld ON memories (tenant_id, owner_key, text_key) WHERE state IN (6, 7, 8);
