-- What a language model took, by tenant. Each count stands in one bucket of every level: 0 quarter hours, 1 hours, 2 days (since 1970 in UTC), 3 all time.
-- Costs are in millionths of the unit of the configured prices.
CREATE TABLE llm_usage (
    tenant_id BLOB NOT NULL,
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    calls INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost_millionths INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, level, bucket)
) WITHOUT ROWID;

-- What a tenant says about drawing memories, sealed with its own key.
CREATE TABLE extraction_settings (
    tenant_id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    data BLOB NOT NULL,
    updated_at INTEGER NOT NULL
);
