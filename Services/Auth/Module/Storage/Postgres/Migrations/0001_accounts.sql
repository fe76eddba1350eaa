-- People who log in. Text is sealed with the account's data key; e-mail address and user name are found by keyed hashes.
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    email_key uuid NOT NULL UNIQUE,
    username_key uuid NOT NULL UNIQUE,
    email bytea NOT NULL,
    username bytea NOT NULL,
    password_hash bytea NOT NULL,
    own_tenant_id uuid NOT NULL,
    created_at bigint NOT NULL
);

-- A deleted tenant stays as an empty row: neither its id nor its slug is ever given again.
CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug_key uuid UNIQUE,
    slug bytea,
    name bytea,
    created_at bigint NOT NULL,
    deleted_at bigint
);

CREATE TABLE memberships (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    role bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
);
CREATE INDEX memberships_account ON memberships (account_id, tenant_id);

CREATE TABLE teams (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    name bytea NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX teams_tenant ON teams (tenant_id, id);

CREATE TABLE team_members (
    team_id uuid NOT NULL,
    account_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    role bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (team_id, account_id)
);
CREATE INDEX team_members_account ON team_members (tenant_id, account_id);

-- A session that ends is deleted with all its refresh tokens.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    user_agent bytea
);
CREATE INDEX sessions_account ON sessions (account_id, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Used tokens stay while their session lives: a second use gives the theft away.
CREATE TABLE refresh_tokens (
    hash bytea PRIMARY KEY,
    session_id uuid NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    prefix text NOT NULL,
    name bytea NOT NULL,
    scopes text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint
);
CREATE INDEX api_keys_account ON api_keys (account_id, id);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, account_id);

CREATE TABLE signing_keys (
    id text PRIMARY KEY,
    private_key bytea NOT NULL,
    created_at bigint NOT NULL
);

-- Rows are only added, and leave when they are too old. Ids only, no text.
CREATE TABLE audit_events (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at bigint NOT NULL,
    actor_id uuid,
    tenant_id uuid,
    action text NOT NULL,
    target_id uuid,
    outcome text NOT NULL
);
CREATE INDEX audit_events_tenant ON audit_events (tenant_id, seq);
CREATE INDEX audit_events_time ON audit_events (occurred_at);
