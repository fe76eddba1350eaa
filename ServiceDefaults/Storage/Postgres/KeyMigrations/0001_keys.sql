-- Which root keys belong to the data: wrong ones must stop the start.
CREATE TABLE encryption_key (id bytea PRIMARY KEY);
CREATE TABLE index_key (id bytea PRIMARY KEY);

CREATE TABLE tenant_keys (tenant_id uuid PRIMARY KEY, wrapped bytea NOT NULL);
CREATE TABLE data_keys (
    tenant_id uuid NOT NULL,
    owner_key uuid NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (tenant_id, owner_key)
);
