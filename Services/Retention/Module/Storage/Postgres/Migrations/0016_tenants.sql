-- 1 when the whole tenant is erased; subject_key is the tenant's id then. It starts at asked_at, with 0 attempts before.
ALTER TABLE erasure_requests ADD COLUMN whole_tenant bigint NOT NULL DEFAULT 0;
