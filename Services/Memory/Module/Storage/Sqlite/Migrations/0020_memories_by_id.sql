-- The order in which memories of a tenant are exported.
CREATE INDEX memories_of_tenant ON memories (tenant_id, id);
